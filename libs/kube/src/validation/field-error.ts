import { goQuote } from "@podbus/errors";
/**
 * Errors about fields in Kubernetes' form. The texts follow
 * staging/src/k8s.io/apimachinery/pkg/util/validation/field/errors.go: a user sees what a cluster would say.
 */
export type FieldErrorType =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueDuplicate"
  | "FieldValueForbidden"
  | "FieldValueNotSupported"
  | "FieldValueNotFound"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid"
  | "InternalError";

export interface FieldError {
  readonly type: FieldErrorType;
  /** "spec.containers[0].name" */
  readonly field: string;
  /** Kubernetes' text without the field: `Invalid value: "x": must be …`. */
  readonly message: string;
}

function withDetail(head: string, detail: string): string {
  return detail === "" ? head : `${head}: ${detail}`;
}

/** A list of a string type that has a name in Go, which messages show: `[]core.ResourceQuotaScope{"BestEffort"}`. */
export class GoStrings {
  readonly #text: string;

  constructor(type: string, values: readonly string[]) {
    this.#text = `[]${type}{${values.map(goQuote).join(", ")}}`;
  }

  toString(): string {
    return this.#text;
  }
}

/**
 * A value as field.Error prints it: strings quoted, numbers and booleans bare, lists of strings as Go code. Structures
 * are JSON here: Go's names of their types and fields would tell a user less.
 */
export function printValue(value: unknown): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return goQuote(value);
  if (value instanceof GoStrings) return String(value);
  if (isListOfStrings(value)) return String(new GoStrings("string", value));
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

function isListOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string");
}

export function required(field: string, detail = ""): FieldError {
  return { type: "FieldValueRequired", field, message: withDetail("Required value", detail) };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: "FieldValueInvalid", field, message: withDetail(`Invalid value: ${printValue(value)}`, detail) };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { type: "FieldValueDuplicate", field, message: `Duplicate value: ${printValue(value)}` };
}

export function forbidden(field: string, detail: string): FieldError {
  return { type: "FieldValueForbidden", field, message: withDetail("Forbidden", detail) };
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const values = [...supported].map((one) => `"${one}"`).join(", ");
  return {
    type: "FieldValueNotSupported",
    field,
    message: withDetail(`Unsupported value: ${printValue(value)}`, values === "" ? "" : `supported values: ${values}`),
  };
}

export function notFound(field: string, value: unknown): FieldError {
  return { type: "FieldValueNotFound", field, message: `Not found: ${printValue(value)}` };
}

export function tooLong(field: string, maximum: number): FieldError {
  return {
    type: "FieldValueTooLong",
    field,
    message: `Too long: ${maximum >= 0 ? `must have at most ${maximum} bytes` : "value is too long"}`,
  };
}

export function tooMany(field: string, actual: number, maximum: number): FieldError {
  const items = maximum === 1 ? "item" : "items";
  return {
    type: "FieldValueTooMany",
    field,
    message: `Too many: ${actual}: must have at most ${maximum} ${items}`,
  };
}

/** `spec.nodeName: Forbidden: …` */
export function printFieldError(error: FieldError): string {
  return error.field === "" ? error.message : `${error.field}: ${error.message}`;
}

/** Several errors as Kubernetes' aggregate prints them: one bare, more in brackets, equal ones once. */
export function printFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(printFieldError))];
  return texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
}
