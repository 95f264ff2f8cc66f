import type { TypeDescriptions } from "../../schema/descriptions.ts";

const binding = { subjects: "Who gets the rights.", roleRef: "Whose rights are granted; cannot be changed." };

export const roleBindingDescriptions: TypeDescriptions = {
  "io.k8s.api.rbac.v1.RoleBinding": binding,
  "io.k8s.api.rbac.v1.ClusterRoleBinding": binding,
  "io.k8s.api.rbac.v1.Subject": {
    kind: "User, Group or ServiceAccount.",
    apiGroup: "rbac.authorization.k8s.io for users and groups, empty for service accounts.",
    name: "The name of the user, group or service account.",
    namespace: "A service account's namespace.",
  },
  "io.k8s.api.rbac.v1.RoleRef": {
    apiGroup: "rbac.authorization.k8s.io.",
    kind: "Role or ClusterRole.",
    name: "The role's name.",
  },
};
