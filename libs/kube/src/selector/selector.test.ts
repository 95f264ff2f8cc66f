import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configMaps } from "../kinds/config-map/resource.ts";
import { events } from "../kinds/event/resource.ts";
import { podWith } from "../kinds/pod/pod-fixture.ts";
import { pods } from "../kinds/pod/resource.ts";
import { StatusError } from "../status/status-error.ts";
import { checkFieldSelector, parseFieldSelector } from "./field-selector.ts";
import {
  type LabelOperator,
  type LabelRequirement,
  labelSelectorMatches,
  parseLabelSelector,
} from "./label-selector.ts";

describe("label selectors", () => {
  const labels = { app: "web", tier: "front", n: "5", empty: "" };
  it.each([
    ["", true],
    ["app=web", true],
    ["app==web", true],
    ["app = web", true],
    ["app=db", false],
    ["app!=db", true],
    ["missing!=x", true],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["app in (web, db)", true],
    ["app in(db)", false],
    ["app notin (db)", true],
    ["missing notin (db)", true],
    ["missing in (db)", false],
    ["app=web,tier=front", true],
    ["app=web,tier=back", false],
    ["n>4", true],
    ["n<4", false],
    ["app>4", false],
    ["empty=", true],
    ["empty in ()", true],
    ["in=x", false],
    ["toString", false],
  ])("%j on a web pod: %s", (text, expected) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(expected);
  });

  it.each([
    "a b",
    "=a",
    "a in b",
    "a in (b",
    "a,",
    ",a",
    "a=b=c",
    "a=b c",
    "!",
    "a>b",
    "-a=b",
    "a=-",
    "a in (b,",
    "(a)",
    "a!b",
  ])("%j is refused", (text) => {
    expect(() => parseLabelSelector(text)).toThrow(StatusError);
  });

  it("without labels only absence matches", () => {
    expect(parseLabelSelector("a").matches(undefined)).toBe(false);
    expect(parseLabelSelector("!a").matches(undefined)).toBe(true);
  });

  it.each([
    ["no selector matches nothing", undefined, false],
    ["an empty one matches everything", {}, true],
    [
      "all requirements must hold",
      { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "Exists" }] },
      true,
    ],
    ["NotIn", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, false],
    ["DoesNotExist", { matchExpressions: [{ key: "x", operator: "DoesNotExist" }] }, true],
  ])("object: %s", (_sentence, selector, expected) => {
    expect(labelSelectorMatches(selector, labels)).toBe(expected);
  });

  it("any text is a selector or a BadRequest", () => {
    const pieces = fc.array(
      fc.constantFrom("a", "b", "in", "notin", "(", ")", ",", "=", "!=", "!", "<", ">", " ", "5"),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pieces.map((one) => one.join("")),
        ),
        (text) => {
          try {
            parseLabelSelector(text).matches({ a: "b" });
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(StatusError);
          }
        },
      ),
    );
  });
});

describe("label selectors, printed and parsed", () => {
  const key = fc.constantFrom("a", "b", "in", "notin", "example.com/a", "constructor", "__proto__", "n");
  const value = fc.constantFrom("", "x", "y", "in", "7", "A.b_c-d");
  const number = fc.constantFrom("0", "7", "10", "99999999999999999999");
  const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
    fc.record({ key, operator: fc.constantFrom<LabelOperator>("exists", "!"), values: fc.constant([]) }),
    fc.record({ key, operator: fc.constantFrom<LabelOperator>("=", "==", "!="), values: fc.tuple(value) }),
    fc.record({ key, operator: fc.constantFrom<LabelOperator>("gt", "lt"), values: fc.tuple(number) }),
    fc.record({
      key,
      operator: fc.constantFrom<LabelOperator>("in", "notin"),
      values: fc.uniqueArray(value, { minLength: 1, maxLength: 3 }).map((values) => values.sort()),
    }),
  );
  const labelKey = key.filter((one) => one !== "__proto__");
  const labels = fc.dictionary(labelKey, fc.oneof(value, number), { noNullPrototype: true });
  const space = fc.constantFrom("", " ", "\t", "\r\n ");

  function print({ key, operator, values }: LabelRequirement, gap: string): string {
    const [first = ""] = values;
    switch (operator) {
      case "exists":
        return `${key}${gap}`;
      case "!":
        return `!${gap}${key}`;
      case "gt":
        return `${key}${gap}>${gap}${first}`;
      case "lt":
        return `${key}${gap}<${gap}${first}`;
      case "in":
      case "notin":
        return `${key} ${operator}${gap}(${values.join(`${gap},${gap}`)})`;
      default:
        return `${key}${gap}${operator}${gap}${first}`;
    }
  }

  /** By the letter of the documentation. */
  function holds({ key, operator, values }: LabelRequirement, labels: Readonly<Record<string, string>>): boolean {
    const label = Object.entries(labels).find(([name]) => name === key)?.[1];
    const [first = ""] = values;
    if (operator === "!") return label === undefined;
    if (operator === "!=" || operator === "notin") return label === undefined || values.every((one) => one !== label);
    if (label === undefined) return false;
    if (operator === "gt") return /^[0-9]+$/.test(label) && BigInt(label) > BigInt(first);
    if (operator === "lt") return /^[0-9]+$/.test(label) && BigInt(label) < BigInt(first);
    return operator === "exists" || values.some((one) => one === label);
  }

  it("are what they were, and match what their requirements say", () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), labels, space, (requirements, some, gap) => {
        const valid = requirements.filter(({ key }) => key !== "__proto__");
        const parsed = parseLabelSelector(valid.map((one) => print(one, gap)).join(`${gap},`));
        expect(parsed.requirements).toEqual(valid);
        expect(parsed.matches(some)).toBe(valid.every((one) => holds(one, some)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("only what Go takes for white space separates", () => {
    expect(() => parseLabelSelector("a\u00a0in (b)")).toThrow(StatusError);
    expect(() => parseLabelSelector("\u00a0a")).toThrow(StatusError);
  });
});

describe("field selectors, printed and parsed", () => {
  const field = fc.constantFrom("metadata.name", "spec.nodeName", "status.phase", "constructor");
  const value = fc.string({ unit: fc.constantFrom("a", "\\", ",", "=", "!", " ", "é"), maxLength: 5 });
  const requirement = fc.record({ field, operator: fc.constantFrom("=" as const, "!=" as const), value });
  const escaped = (text: string) => text.replace(/[\\,=]/g, "\\$&");

  it("are what they were, and match what their requirements say", () => {
    const objects = fc.dictionary(field, value, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), objects, (requirements, fields) => {
        const text = requirements.map(({ field, operator, value }) => `${field}${operator}${escaped(value)}`).join(",");
        const parsed = parseFieldSelector(text);
        expect(parsed.requirements).toEqual(requirements);
        const holds = requirements.every(({ field, operator, value }) => {
          const found = Object.entries(fields).find(([name]) => name === field)?.[1] ?? "";
          return (found === value) === (operator === "=");
        });
        expect(parsed.matches(fields)).toBe(holds);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("field selectors", () => {
  const fields = { ...pods.selectableFields({ ...podWith({ nodeName: "n1" }), status: { phase: "Running" } }) };
  it.each([
    ["", true],
    ["spec.nodeName=n1", true],
    ["spec.nodeName==n1", true],
    ["spec.nodeName!=n1", false],
    ["spec.nodeName=n1,status.phase!=Succeeded", true],
    ["metadata.name=web", true],
    ["spec.restartPolicy=Always", true],
    ["spec.hostNetwork=false", true],
    ["status.podIP=", true],
  ])("%j on a running pod: %s", (text, expected) => {
    expect(parseFieldSelector(text).matches(fields)).toBe(expected);
  });

  it("commas and backslashes can be part of a value", () => {
    expect(parseFieldSelector("reason=a\\,b\\\\c").requirements).toEqual([
      { field: "reason", operator: "=", value: "a,b\\c" },
    ]);
  });

  it.each(["a", "a,b", "a=b=c", "a=\\x"])("%j is refused", (text) => {
    expect(() => parseFieldSelector(text)).toThrow(/invalid selector/);
  });

  it("fields that cannot be selected are refused in Kubernetes' words", () => {
    expect(() => checkFieldSelector(pods, parseFieldSelector("spec.foo=a"))).toThrow(
      "field label not supported: spec.foo",
    );
    expect(() => checkFieldSelector(configMaps, parseFieldSelector("data=a"))).toThrow(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(() =>
      checkFieldSelector(events, parseFieldSelector("involvedObject.uid=a,reason=b,source=c,type=d")),
    ).not.toThrow();
  });

  it("any text is a selector or a BadRequest", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseFieldSelector(text).matches(fields);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(StatusError);
        }
      }),
    );
  });
});
