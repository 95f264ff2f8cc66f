import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, typedObjectShape } from "../../schema/meta.ts";

const rbac = (name: string) => `io.k8s.api.rbac.v1.${name}`;

export const rbacGroup = "rbac.authorization.k8s.io";

export const policyRuleSchema = objectType(
  rbac("PolicyRule"),
  {
    verbs: is.strings,
    apiGroups: may.strings,
    resources: may.strings,
    resourceNames: may.strings,
    nonResourceURLs: may.strings,
  },
  "What may be done to what.",
);
export type PolicyRule = z.infer<typeof policyRuleSchema>;

export const roleSchema = objectType(
  rbac("Role"),
  { ...typedObjectShape, rules: listOf(policyRuleSchema).optional() },
  "Rights within one namespace.",
);
export type Role = z.infer<typeof roleSchema>;

export const clusterRoleSchema = objectType(
  rbac("ClusterRole"),
  {
    ...typedObjectShape,
    rules: listOf(policyRuleSchema).optional(),
    aggregationRule: objectType(
      rbac("AggregationRule"),
      { clusterRoleSelectors: listOf(labelSelectorSchema).optional() },
      "Which other ClusterRoles a ClusterRole is made of.",
    ).optional(),
  },
  "Rights everywhere, or in whatever namespace they are granted for.",
);
export type ClusterRole = z.infer<typeof clusterRoleSchema>;
