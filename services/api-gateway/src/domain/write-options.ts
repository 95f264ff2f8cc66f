import {
  type FieldError,
  type FieldValidation,
  fieldForbidden as forbidden,
  fieldInvalid as invalid,
  fieldNotSupported as notSupported,
  fieldRequired as required,
  fieldTooLong as tooLong,
} from "@podbus/kube";
import { isTrue } from "./request-info.ts";

/** What CreateOptions, UpdateOptions and PatchOptions have in common. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** "" if the client has not said who it is. */
  readonly fieldManager: string;
  /** Only for a server-side apply: takes what others own. */
  readonly force: boolean;
}

export type ParsedWriteOptions =
  | { readonly kind: "options"; readonly options: WriteOptions }
  | { readonly kind: "invalid"; readonly errors: readonly FieldError[] };

const fieldValidations: readonly FieldValidation[] = ["Ignore", "Warn", "Strict"];

/** apimachinery/pkg/apis/meta/v1/validation/validation.go; an absent fieldValidation means Warn. */
export function parseWriteOptions(query: URLSearchParams, apply = false): ParsedWriteOptions {
  const dryRun = query.getAll("dryRun").filter((value) => value !== "");
  const wanted = query.get("fieldValidation") ?? "";
  const fieldValidation = wanted === "" ? "Warn" : fieldValidations.find((one) => one === wanted);
  const fieldManager = query.get("fieldManager") ?? "";
  const force = query.has("force");
  const errors = [
    ...managerErrors(fieldManager),
    ...(apply && fieldManager === "" ? [required("fieldManager", "is required for apply patch")] : []),
    ...(!apply && force ? [forbidden("force", "may not be specified for non-apply patch")] : []),
    ...dryRunErrors(dryRun),
    ...(fieldValidation ? [] : [invalid("fieldValidation", wanted, "must be one of Ignore, Warn, Strict")]),
  ];
  if (errors.length > 0 || !fieldValidation) return { kind: "invalid", errors };
  const options = { dryRun: dryRun.length > 0, fieldValidation, fieldManager, force: isTrue(query.get("force")) };
  return { kind: "options", options };
}

const longestManager = 128;

function managerErrors(name: string): FieldError[] {
  if (name.length > longestManager) return [tooLong("fieldManager", longestManager)];
  const printable = /^\P{C}*$/u.test(name);
  return printable ? [] : [invalid("fieldManager", name, "should only contain printable characters")];
}

/** Who writes: as it says itself, or as its program calls itself (endpoints/handlers/create.go managerOrUserAgent). */
export function managerName(fieldManager: string, userAgent: string | undefined): string {
  if (fieldManager !== "") return fieldManager;
  const [program = ""] = (userAgent ?? "").split("/");
  return program.replace(/\p{C}/gu, "").slice(0, longestManager) || "unknown";
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === "All") ? [] : [notSupported("dryRun", values, ["All"])];
}
