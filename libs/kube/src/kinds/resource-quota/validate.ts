import { type FieldError, GoStrings, invalid, required } from "../../validation/field-error.ts";
import { isQuotaResource, validateQuotaResourceName, validateResourceAmount } from "../../validation/resource-names.ts";
import type { ResourceQuota, ResourceQuotaSpec, ScopeRequirement } from "./schema.ts";

// pkg/apis/core/validation/validation.go ValidateResourceQuota; scopes: pkg/apis/core/helper/helpers.go

const countedPods = ["pods"];
const countedWithAmounts = [
  ...countedPods,
  ...["cpu", "memory"].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
];

/** The resources that can be counted within a scope. */
const scopes: ReadonlyMap<string, readonly string[]> = new Map([
  ["Terminating", countedWithAmounts],
  ["NotTerminating", countedWithAmounts],
  ["BestEffort", countedPods],
  ["NotBestEffort", countedWithAmounts],
  ["PriorityClass", countedWithAmounts],
  ["CrossNamespacePodAffinity", countedWithAmounts],
]);

const conflicts = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

function validateAmounts(list: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  return Object.entries(list ?? {}).flatMap(([name, amount]) => [
    ...validateQuotaResourceName(name, `${field}[${name}]`),
    ...validateResourceAmount(name, amount, `${field}[${name}]`),
  ]);
}

/** The resources of the quota that cannot be counted within the scope. */
function uncountable({ hard = {} }: ResourceQuotaSpec, scope: string): string[] {
  const countable = scopes.get(scope);
  return Object.keys(hard).filter((name) => isQuotaResource(name) && countable?.includes(name) === false);
}

function validateConflicts(names: readonly string[], value: unknown, field: string): FieldError[] {
  return conflicts
    .filter((pair) => pair.every((name) => names.includes(name)))
    .map(() => invalid(field, value, "conflicting scopes"));
}

function scopesAsGo(names: readonly string[] = []): GoStrings {
  return new GoStrings("core.ResourceQuotaScope", names);
}

function validateScopes(spec: ResourceQuotaSpec): FieldError[] {
  const names = spec.scopes ?? [];
  const value = scopesAsGo(names);
  const errors = names.flatMap((name) => [
    ...(scopes.has(name) ? [] : [invalid("spec.scopes", value, "unsupported scope")]),
    ...uncountable(spec, name).map(() => invalid("spec.scopes", value, "unsupported scope applied to resource")),
  ]);
  return [...errors, ...validateConflicts(names, value, "spec.scopes")];
}

const mustExist =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateOperator({ scopeName, operator, values = [] }: ScopeRequirement, field: string): FieldError[] {
  const errors =
    scopes.has(scopeName) && scopeName !== "PriorityClass" && operator !== "Exists"
      ? [invalid(`${field}.operator`, operator, mustExist)]
      : [];
  if (operator === "In" || operator === "NotIn") {
    const problem = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.push(required(`${field}.values`, problem));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const problem = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.push(invalid(`${field}.values`, values, problem));
  } else errors.push(invalid(`${field}.operator`, operator, "not a valid selector operator"));
  return errors;
}

function validateScopeSelector(spec: ResourceQuotaSpec): FieldError[] {
  const field = "spec.scopeSelector.matchExpressions";
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  const errors = requirements.flatMap((requirement) => [
    ...(scopes.has(requirement.scopeName)
      ? []
      : [invalid(`${field}.scopeName`, requirement.scopeName, "unsupported scope")]),
    ...uncountable(spec, requirement.scopeName).map(() =>
      invalid(field, spec.scopeSelector, "unsupported scope applied to resource"),
    ),
    ...validateOperator(requirement, field),
  ]);
  const names = requirements.map(({ scopeName }) => scopeName);
  return [...errors, ...validateConflicts(names, spec.scopes, field)];
}

export function validateResourceQuota({ spec }: ResourceQuota): FieldError[] {
  return [...validateAmounts(spec.hard, "spec.hard"), ...validateScopes(spec), ...validateScopeSelector(spec)];
}

export function validateResourceQuotaUpdate(next: ResourceQuota, previous: ResourceQuota): FieldError[] {
  const after = new Set(next.spec.scopes);
  const before = new Set(previous.spec.scopes);
  if (after.size === before.size && [...after].every((scope) => before.has(scope))) return [];
  return [invalid("spec.scopes", scopesAsGo(next.spec.scopes), "field is immutable")];
}

export function validateResourceQuotaStatus({ status }: ResourceQuota): FieldError[] {
  return [...validateAmounts(status?.hard, "status.hard"), ...validateAmounts(status?.used, "status.used")];
}
