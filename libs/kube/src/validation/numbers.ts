import { type FieldError, invalid } from "./field-error.ts";

/** apimachinery/pkg/api/validation/generic.go ValidateNonnegativeField */
export function validateNotNegative(value: number | undefined, field: string): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(field, value, "must be greater than or equal to 0")] : [];
}

const percent = /^[0-9]+%$/;
const percentProblem =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** pkg/apis/apps/validation/validation.go ValidatePositiveIntOrPercent, IsNotMoreThan100Percent */
export function validateIntOrPercent(value: number | string | undefined, field: string): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === "number") return validateNotNegative(value, field);
  return percent.test(value) ? [] : [invalid(field, value, percentProblem)];
}

export function validateAtMost100Percent(value: number | string | undefined, field: string): FieldError[] {
  const share = percentOf(value);
  return share !== undefined && share > 100 ? [invalid(field, value, "must not be greater than 100%")] : [];
}

/** 25 for "25%"; undefined for whatever is no percentage. */
export function percentOf(value: number | string | undefined): number | undefined {
  return typeof value === "string" && percent.test(value) ? Number(value.slice(0, -1)) : undefined;
}

/** Zero of either form: 0 or "0%". */
export function isZero(value: number | string | undefined): boolean {
  return value === 0 || percentOf(value) === 0;
}
