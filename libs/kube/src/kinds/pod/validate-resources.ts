import { compareQuantity, formatQuantity, parseQuantity } from "../../quantity/quantity.ts";
import { type FieldError, forbidden, invalid, required } from "../../validation/field-error.ts";
import { qualifiedNameProblems } from "../../validation/formats.ts";
import type { ResourceRequirements } from "./container-schema.ts";

// pkg/apis/core/validation/validation.go ValidateResourceRequirements

function isHugePage(name: string): boolean {
  return name.startsWith("hugepages-");
}

function isStandard(name: string): boolean {
  return name === "cpu" || name === "memory" || name === "ephemeral-storage" || isHugePage(name);
}

/** Standard too, but of claims and quotas and not of containers (pkg/apis/core/helper/helpers.go, standardResources). */
const standardElsewhere = new Set([
  ...["storage", "requests.storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage"],
  ...["limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas", "services", "secrets"],
  ...["configmaps", "replicationcontrollers", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"],
]);

/** Resources of a vendor: whole numbers, never promised twice. */
function isExtended(name: string): boolean {
  return name.includes("/") && !/(^|\.)kubernetes\.io\//.test(name);
}

function validateName(name: string, field: string): FieldError[] {
  const problems = qualifiedNameProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalid(field, name, problem));
  if (name.includes("/") || isStandard(name)) return [];
  return [
    ...(standardElsewhere.has(name)
      ? []
      : [invalid(field, name, "must be a standard resource type or fully qualified")]),
    invalid(field, name, "must be a standard resource for containers"),
  ];
}

function validateAmount(name: string, amount: string, field: string): FieldError[] {
  const { nano } = parseQuantity(amount);
  if (nano < 0n) return [invalid(field, amount, "must be greater than or equal to 0")];
  if (isExtended(name) && nano % 1_000_000_000n !== 0n) return [invalid(field, amount, "must be an integer")];
  return [];
}

export function validateResourceList(list: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  return Object.entries(list ?? {}).flatMap(([name, amount]) => [
    ...validateName(name, `${field}[${name}]`),
    ...validateAmount(name, amount, `${field}[${name}]`),
  ]);
}

function validateAgainstLimit(name: string, request: string, limit: string | undefined, field: string): FieldError[] {
  const exact = isExtended(name) || isHugePage(name);
  if (limit === undefined) return exact ? [required(field, "Limit must be set for non overcommitable resources")] : [];
  const order = compareQuantity(request, limit);
  const limitText = formatQuantity(parseQuantity(limit));
  if (exact && order !== 0) return [invalid(field, request, `must be equal to ${name} limit of ${limitText}`)];
  return order > 0 ? [invalid(field, request, `must be less than or equal to ${name} limit of ${limitText}`)] : [];
}

export function validateResources(resources: ResourceRequirements | undefined, field: string): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {};
  const names = new Set([...Object.keys(limits), ...Object.keys(requests)]);
  const errors = [
    ...validateResourceList(limits, `${field}.limits`),
    ...validateResourceList(requests, `${field}.requests`),
    ...Object.entries(requests).flatMap(([name, amount]) =>
      validateAgainstLimit(name, amount, Object.hasOwn(limits, name) ? limits[name] : undefined, `${field}.requests`),
    ),
  ];
  if ([...names].some(isHugePage) && !names.has("cpu") && !names.has("memory")) {
    errors.push(forbidden(field, "HugePages require cpu or memory"));
  }
  return errors;
}
