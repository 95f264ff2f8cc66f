/**
 * The numbers of fields in k8s.io/api/rbac/v1/generated.proto; a number with dots is that of a
 * field inside an embedded struct. "~" marks what Go leaves out of JSON when it is zero or false, and always writes here.
 */
export const rbacFieldNumbers: Readonly<Record<string, string>> = {
  "io.k8s.api.rbac.v1.AggregationRule": "clusterRoleSelectors=1",
  "io.k8s.api.rbac.v1.ClusterRole": "metadata=1 rules=2 aggregationRule=3",
  "io.k8s.api.rbac.v1.ClusterRoleBinding": "metadata=1 subjects=2 roleRef=3",
  "io.k8s.api.rbac.v1.PolicyRule": "verbs=1 apiGroups=2 resources=3 resourceNames=4 nonResourceURLs=5",
  "io.k8s.api.rbac.v1.Role": "metadata=1 rules=2",
  "io.k8s.api.rbac.v1.RoleBinding": "metadata=1 subjects=2 roleRef=3",
  "io.k8s.api.rbac.v1.RoleRef": "apiGroup=1 kind=2 name=3",
  "io.k8s.api.rbac.v1.Subject": "kind=1 apiGroup=2 name=3 namespace=4",
};
