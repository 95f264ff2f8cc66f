import { defineResource } from "../../define-resource.ts";
import { createdAtColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, invalid, required } from "../../validation/field-error.ts";
import { pathSegmentProblems } from "../../validation/formats.ts";
import { validateLabelSelector } from "../../validation/object-meta.ts";
import { type ClusterRole, clusterRoleSchema, type PolicyRule, type Role, rbacGroup, roleSchema } from "./schema.ts";

/** pkg/apis/rbac/validation/validation.go ValidatePolicyRule */
function validateRule(rule: PolicyRule, namespaced: boolean, field: string): FieldError[] {
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors = rule.verbs.length === 0 ? [required(`${field}.verbs`, "verbs must contain at least one value")] : [];
  if (nonResourceURLs.length > 0) {
    const at = `${field}.nonResourceURLs`;
    if (namespaced) errors.push(invalid(at, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const problem = "rules cannot apply to both regular resources and non-resource URLs";
      errors.push(invalid(at, nonResourceURLs, problem));
    }
    return errors;
  }
  if (apiGroups.length === 0) {
    errors.push(required(`${field}.apiGroups`, "resource rules must supply at least one api group"));
  }
  if (resources.length === 0) {
    errors.push(required(`${field}.resources`, "resource rules must supply at least one resource"));
  }
  return errors;
}

const validateRules = (rules: readonly PolicyRule[] | undefined, namespaced: boolean) =>
  (rules ?? []).flatMap((rule, index) => validateRule(rule, namespaced, `rules[${index}]`));

function validateAggregation({ aggregationRule }: ClusterRole): FieldError[] {
  if (aggregationRule === undefined) return [];
  const field = "aggregationRule.clusterRoleSelectors";
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    return [required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  }
  return selectors.flatMap((selector, index) => validateLabelSelector(selector, `${field}[${index}]`));
}

export const roles = defineResource<Role>({
  group: rbacGroup,
  kind: "Role",
  plural: "roles",
  namespaced: true,
  schema: roleSchema,
  nameProblems: pathSegmentProblems,
  validate: ({ rules }) => validateRules(rules, true),
  columns: [nameColumn, createdAtColumn],
});

export const clusterRoles = defineResource<ClusterRole>({
  group: rbacGroup,
  kind: "ClusterRole",
  plural: "clusterroles",
  namespaced: false,
  schema: clusterRoleSchema,
  nameProblems: pathSegmentProblems,
  validate: (role) => [...validateRules(role.rules, false), ...validateAggregation(role)],
  columns: [nameColumn, createdAtColumn],
});
