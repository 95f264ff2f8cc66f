import type { ResourceDefinition } from "../resource-definition.ts";
import type { KubeObject } from "../schema/meta.ts";
import { statusBadRequest } from "../status/builders.ts";

// Grammar: staging/src/k8s.io/apimachinery/pkg/fields/selector.go

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

export interface ParsedFieldSelector {
  readonly requirements: readonly FieldRequirement[];
  matches(fields: Readonly<Record<string, string>>): boolean;
}

/** Splits at commas that no backslash protects. */
function termsOf(text: string): string[] {
  const terms: string[] = [];
  let term = "";
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === "\\") {
      term += char + (text[at + 1] ?? "");
      at += 1;
    } else if (char === ",") {
      terms.push(term);
      term = "";
    } else term += char;
  }
  return [...terms, term];
}

function withoutEscapes(value: string): string | undefined {
  return /^(?:[^\\,=]|\\[\\,=])*$/.test(value) ? value.replace(/\\([\\,=])/g, "$1") : undefined;
}

function requirementOf(term: string, whole: string): FieldRequirement {
  const match = /^([^!=\\]*)(!=|==|=)(.*)$/s.exec(term);
  const value = withoutEscapes(match?.[3] ?? "");
  if (match === null || value === undefined) {
    throw statusBadRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  }
  return { field: match[1] ?? "", operator: match[2] === "!=" ? "!=" : "=", value };
}

/** A selector as in `--field-selector spec.nodeName=a,status.phase!=Running`. Throws StatusError BadRequest. */
export function parseFieldSelector(text: string): ParsedFieldSelector {
  const requirements = termsOf(text)
    .filter((term) => term !== "")
    .map((term) => requirementOf(term, text));
  return {
    requirements,
    matches: (fields) =>
      requirements.every(({ field, operator, value }) => {
        const found = Object.hasOwn(fields, field) ? fields[field] : "";
        return (found === value) === (operator === "=");
      }),
  };
}

/** Refuses fields that this kind cannot be selected by. Throws StatusError BadRequest. */
export function checkFieldSelector<T extends KubeObject>(
  resource: Pick<ResourceDefinition<T>, "selectableFieldNames">,
  selector: ParsedFieldSelector,
): void {
  const names = resource.selectableFieldNames;
  const onlyMetadata = names.every((name) => name.startsWith("metadata."));
  const unknown = selector.requirements.find(({ field }) => !names.includes(field));
  if (unknown === undefined) return;
  throw statusBadRequest(
    onlyMetadata
      ? `"${unknown.field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
      : `field label not supported: ${unknown.field}`,
  );
}
