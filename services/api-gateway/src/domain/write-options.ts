import {
  type FieldError,
  type FieldValidation,
  fieldInvalid as invalid,
  fieldNotSupported as notSupported,
} from "@podbus/kube";

/** What CreateOptions, UpdateOptions and PatchOptions have in common. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
}

export type ParsedWriteOptions =
  | { readonly kind: "options"; readonly options: WriteOptions }
  | { readonly kind: "invalid"; readonly errors: readonly FieldError[] };

const fieldValidations: readonly FieldValidation[] = ["Ignore", "Warn", "Strict"];

/** apimachinery/pkg/apis/meta/v1/validation/validation.go; an absent fieldValidation means Warn. */
export function parseWriteOptions(query: URLSearchParams): ParsedWriteOptions {
  const dryRun = query.getAll("dryRun").filter((value) => value !== "");
  const wanted = query.get("fieldValidation") ?? "";
  const fieldValidation = wanted === "" ? "Warn" : fieldValidations.find((one) => one === wanted);
  const errors = [
    ...dryRunErrors(dryRun),
    ...(fieldValidation ? [] : [invalid("fieldValidation", wanted, "must be one of Ignore, Warn, Strict")]),
  ];
  if (errors.length > 0 || !fieldValidation) return { kind: "invalid", errors };
  return { kind: "options", options: { dryRun: dryRun.length > 0, fieldValidation } };
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === "All") ? [] : [notSupported("dryRun", values, ["All"])];
}
