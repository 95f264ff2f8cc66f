import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const roleDescriptions: TypeDescriptions = {
  "io.k8s.api.rbac.v1.PolicyRule": {
    verbs: 'What may be done: get, list, watch, create, update, patch, delete …; "*" for everything.',
    apiGroups: 'The groups of the resources; "" is the core group, "*" are all.',
    resources: 'The resources, as "pods" or "pods/log"; "*" are all.',
    resourceNames: "Only objects of these names. Left out: all of them.",
    nonResourceURLs: 'Paths that are no resources, as "/healthz" or "/logs/*".',
  },
  "io.k8s.api.rbac.v1.Role": { rules: "What it allows." },
  "io.k8s.api.rbac.v1.ClusterRole": {
    rules: "What it allows. Filled by the system where aggregationRule is set.",
    aggregationRule: "Makes its rules those of other ClusterRoles.",
  },
  "io.k8s.api.rbac.v1.AggregationRule": { clusterRoleSelectors: "ClusterRoles that any of these chooses." },
};
