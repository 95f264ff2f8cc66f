import { goQuote } from "@podbus/errors";
import type { LabelSelector } from "../schema/meta.ts";
import { statusBadRequest } from "../status/builders.ts";
import { labelValueProblems, qualifiedNameProblems } from "../validation/formats.ts";

// Grammar and texts: staging/src/k8s.io/apimachinery/pkg/labels/selector.go

export type LabelOperator = "in" | "notin" | "=" | "==" | "!=" | "exists" | "!" | "gt" | "lt";

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export interface ParsedLabelSelector {
  readonly requirements: readonly LabelRequirement[];
  matches(labels: Readonly<Record<string, string>> | undefined): boolean;
}

const integer = /^[+-]?[0-9]+$/;

function compares(requirement: LabelRequirement, value: string): boolean {
  const bound = requirement.values[0] ?? "";
  if (!integer.test(value) || !integer.test(bound)) return false;
  return requirement.operator === "gt" ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

export function requirementMatches(
  requirement: LabelRequirement,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case "in":
    case "=":
    case "==":
      return value !== undefined && requirement.values.includes(value);
    case "notin":
    case "!=":
      return value === undefined || !requirement.values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    default:
      return value !== undefined && compares(requirement, value);
  }
}

export function selectorOf(requirements: readonly LabelRequirement[]): ParsedLabelSelector {
  return {
    requirements,
    matches: (labels) => requirements.every((requirement) => requirementMatches(requirement, labels)),
  };
}

/** Other white space is part of a word, as in Go, and so refused with it. */
const token = /[ \t\r\n]*(==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+)/y;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) tokens.push(match[1] ?? "");
  return tokens;
}

const symbols = new Set(["=", "==", "!=", "!", "(", ")", ",", "<", ">"]);

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #next(): string {
    const found = this.#peek();
    this.#at += 1;
    return found;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    while (this.#peek() !== "") {
      requirements.push(this.#requirement());
      const separator = this.#next();
      if (separator === "") return requirements;
      if (separator !== ",") throw new SyntaxError(`found '${separator}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (following === "" || (symbols.has(following) && following !== "!")) {
        throw new SyntaxError(`found '${following}', expected: identifier after ','`);
      }
    }
    return requirements;
  }

  #requirement(): LabelRequirement {
    if (this.#peek() === "!") {
      this.#next();
      return checked({ key: this.#key(), operator: "!", values: [] });
    }
    const key = this.#key();
    const following = this.#peek();
    if (following === "" || following === ",") return checked({ key, operator: "exists", values: [] });
    const operator = this.#operator();
    const values = operator === "in" || operator === "notin" ? this.#values() : [this.#value()];
    return checked({ key, operator, values });
  }

  #key(): string {
    const key = this.#next();
    if (key === "" || symbols.has(key))
      throw new SyntaxError(`found '${key}', expected: !, identifier, or 'end of string'`);
    return key;
  }

  #operator(): LabelOperator {
    const found = this.#next();
    if (found === "<") return "lt";
    if (found === ">") return "gt";
    if (found === "in" || found === "notin" || found === "=" || found === "==" || found === "!=") return found;
    throw new SyntaxError(`found '${found}', expected: in, notin, =, ==, !=, gt, lt`);
  }

  /** One value; none at all means the empty one. */
  #value(): string {
    const found = this.#peek();
    if (found === "" || found === ",") return "";
    if (symbols.has(found)) throw new SyntaxError(`found '${found}', expected: identifier`);
    return this.#next();
  }

  #values(): string[] {
    const open = this.#next();
    if (open !== "(") throw new SyntaxError(`found '${open}' expected: '('`);
    const values = new Set<string>();
    for (;;) {
      values.add(this.#valueInList());
      const found = this.#next();
      if (found === ")") return [...values].sort();
      if (found !== ",") throw new SyntaxError(`found '${found}', expected: ',' or ')'`);
    }
  }

  #valueInList(): string {
    return this.#peek() === ")" ? "" : this.#value();
  }
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const [keyProblem] = qualifiedNameProblems(requirement.key);
  if (keyProblem !== undefined) throw new SyntaxError(`key: Invalid value: ${goQuote(requirement.key)}: ${keyProblem}`);
  const numeric = requirement.operator === "gt" || requirement.operator === "lt";
  for (const [index, value] of requirement.values.entries()) {
    if (numeric && !integer.test(value)) {
      throw new SyntaxError(
        `values[${index}]: Invalid value: ${goQuote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      );
    }
    const [problem] = labelValueProblems(value);
    if (problem !== undefined)
      throw new SyntaxError(`values[${index}][${requirement.key}]: Invalid value: ${goQuote(value)}: ${problem}`);
  }
  return requirement;
}

/** A selector as in `-l a=b,c in (d,e),!f`. Empty matches everything. Throws StatusError BadRequest. */
export function parseLabelSelector(text: string): ParsedLabelSelector {
  try {
    return selectorOf(new Parser(text).parse());
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw statusBadRequest(`unable to parse requirement: ${thrown.message}`);
    throw thrown;
  }
}

const operatorOf: Readonly<Record<string, LabelOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/** The requirements of a LabelSelector object; an unknown operator (refused by validation) matches nothing. */
export function requirementsOf(selector: LabelSelector): LabelRequirement[] {
  const equal = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): LabelRequirement => ({ key, operator: "=", values: [value] }),
  );
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }): LabelRequirement => ({
      key,
      operator: operatorOf[operator] ?? "in",
      values: values ?? [],
    }),
  );
  return [...equal, ...expressions];
}

/** No selector matches nothing, an empty one everything. */
export function labelSelectorMatches(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return selector !== undefined && requirementsOf(selector).every((one) => requirementMatches(one, labels));
}
