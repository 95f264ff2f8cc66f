import { compareQuantity, milliValue, quantityValue } from "../../quantity/quantity.ts";
import { duplicate, type FieldError, forbidden, invalid, required } from "../../validation/field-error.ts";
import { qualifiedNameProblems } from "../../validation/formats.ts";
import {
  isOvercommitAllowed,
  validateContainerResourceName,
  validateResourceName,
} from "../../validation/resource-names.ts";
import type { LimitRange, LimitRangeItem } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateLimitRange

const limitTypes = ["Pod", "Container", "PersistentVolumeClaim"];
const bounds = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

function validateType(type: string, field: string): FieldError[] {
  const problems = qualifiedNameProblems(type);
  if (problems.length > 0) return problems.map((problem) => invalid(field, type, problem));
  if (type.includes("/") || limitTypes.includes(type)) return [];
  return [invalid(field, type, "must be a standard limit type or fully qualified")];
}

/** A pod as a whole has no defaults: its containers have. */
function usedBounds({ type }: LimitRangeItem) {
  return type === "Pod" ? bounds.filter((bound) => !bound.startsWith("default")) : bounds;
}

function validateNames(item: LimitRangeItem, field: string): FieldError[] {
  const validate =
    item.type === "Pod" || item.type === "Container" ? validateContainerResourceName : validateResourceName;
  return usedBounds(item).flatMap((bound) =>
    Object.keys(item[bound] ?? {}).flatMap((name) => validate(name, `${field}.${bound}[${name}]`)),
  );
}

function validateForType(item: LimitRangeItem, field: string): FieldError[] {
  if (item.type === "PersistentVolumeClaim") {
    if (item.min?.storage !== undefined || item.max?.storage !== undefined) return [];
    const problem = "either minimum or maximum storage value is required, but neither was provided";
    return [required(`${field}.limits`, problem)];
  }
  if (item.type !== "Pod") return [];
  return (["default", "defaultRequest"] as const)
    .filter((bound) => item[bound] !== undefined)
    .map((bound) => forbidden(`${field}.${bound}`, "may not be specified when `type` is 'Pod'"));
}

/** "2" is more than "1"; what is not said is not more than anything. */
function exceeds(left: string | undefined, right: string | undefined): left is string {
  return left !== undefined && right !== undefined && compareQuantity(left, right) > 0;
}

/** Amounts above this cannot be counted in thousandths; resource.MaxMilliValue within what a number holds exactly. */
const largestInThousandths = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

function validateRatio(item: LimitRangeItem, name: string, field: string): FieldError[] {
  const ratio = item.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const at = `${field}.maxLimitRequestRatio[${name}]`;
  const errors = compareQuantity(ratio, "1") < 0 ? [invalid(at, ratio, `ratio ${ratio} is less than 1`)] : [];
  const min = item.min?.[name];
  const max = item.max?.[name];
  if (min === undefined || max === undefined) return errors;
  const fine = [ratio, min, max].every((amount) => quantityValue(amount) < largestInThousandths);
  const [least, most] = fine ? [milliValue(min), milliValue(max)] : [quantityValue(min), quantityValue(max)];
  const limit = most / least;
  if ((fine ? milliValue(ratio) / 1000 : quantityValue(ratio)) > limit) {
    errors.push(invalid(at, ratio, `ratio ${ratio} is greater than max/min = ${limit.toFixed(6)}`));
  }
  return errors;
}

function validateOrder(item: LimitRangeItem, name: string, field: string): FieldError[] {
  const [min, max] = [item.min?.[name], item.max?.[name]];
  const [limit, request] =
    item.type === "Pod" ? [undefined, undefined] : [item.default?.[name], item.defaultRequest?.[name]];
  const at = (bound: string) => `${field}.${bound}[${name}]`;
  const errors: FieldError[] = [];
  const refuse = (bound: string, value: string | undefined, problem: string) =>
    errors.push(invalid(at(bound), value, problem));
  if (exceeds(min, max)) refuse("min", min, `min value ${min} is greater than max value ${max}`);
  if (exceeds(min, request))
    refuse("defaultRequest", request, `min value ${min} is greater than default request value ${request}`);
  if (exceeds(request, max))
    refuse("defaultRequest", request, `default request value ${request} is greater than max value ${max}`);
  if (exceeds(request, limit))
    refuse("defaultRequest", request, `default request value ${request} is greater than default limit value ${limit}`);
  if (exceeds(min, limit)) refuse("default", min, `min value ${min} is greater than default value ${limit}`);
  if (exceeds(limit, max)) refuse("default", max, `default value ${limit} is greater than max value ${max}`);
  errors.push(...validateRatio(item, name, field));
  const differ = limit !== undefined && request !== undefined && compareQuantity(limit, request) !== 0;
  if (differ && !isOvercommitAllowed(name)) {
    refuse(
      "defaultRequest",
      request,
      `default value ${limit} must equal to defaultRequest value ${request} in ${name}`,
    );
  }
  return errors;
}

function validateItem(item: LimitRangeItem, field: string): FieldError[] {
  const names = new Set(usedBounds(item).flatMap((bound) => Object.keys(item[bound] ?? {})));
  return [
    ...validateNames(item, field),
    ...validateForType(item, field),
    ...[...names].sort().flatMap((name) => validateOrder(item, name, field)),
  ];
}

export function validateLimitRange({ spec: { limits } }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return limits.flatMap((item, index) => {
    const field = `spec.limits[${index}]`;
    const again = seen.has(item.type);
    seen.add(item.type);
    return [
      ...validateType(item.type, `${field}.type`),
      ...(again ? [duplicate(`${field}.type`, item.type)] : []),
      ...validateItem(item, field),
    ];
  });
}
