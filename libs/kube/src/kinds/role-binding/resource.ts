import { defineResource } from "../../define-resource.ts";
import { equalJson } from "../../json.ts";
import type { TableColumn } from "../../resource-definition.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, invalid, notSupported, required } from "../../validation/field-error.ts";
import { dnsSubdomainProblems, pathSegmentProblems } from "../../validation/formats.ts";
import { rbacGroup } from "../role/schema.ts";
import {
  type ClusterRoleBinding,
  clusterRoleBindingSchema,
  type RoleBinding,
  roleBindingSchema,
  type Subject,
} from "./schema.ts";

type Binding = RoleBinding | ClusterRoleBinding;

/** pkg/apis/rbac/v1/defaults.go */
function withGroups<T extends Binding>(binding: T): T {
  const { roleRef, subjects } = binding;
  const known = (subject: Subject): Subject =>
    subject.apiGroup === undefined && (subject.kind === "User" || subject.kind === "Group")
      ? { ...subject, apiGroup: rbacGroup }
      : subject;
  return {
    ...binding,
    // In the order in which a message shows it.
    roleRef: { apiGroup: roleRef.apiGroup || rbacGroup, kind: roleRef.kind, name: roleRef.name },
    ...(subjects ? { subjects: subjects.map(known) } : {}),
  };
}

/** pkg/apis/rbac/validation/validation.go ValidateRoleBinding, ValidateRoleBindingSubject */
function validateBinding({ roleRef, subjects }: Binding, namespaced: boolean): FieldError[] {
  const kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  return [
    ...(roleRef.apiGroup === rbacGroup ? [] : [notSupported("roleRef.apiGroup", roleRef.apiGroup, [rbacGroup])]),
    ...(kinds.includes(roleRef.kind) ? [] : [notSupported("roleRef.kind", roleRef.kind, kinds)]),
    ...(roleRef.name === ""
      ? [required("roleRef.name")]
      : pathSegmentProblems(roleRef.name).map((problem) => invalid("roleRef.name", roleRef.name, problem))),
    ...(subjects ?? []).flatMap((subject, index) => validateSubject(subject, namespaced, `subjects[${index}]`)),
  ];
}

function validateSubject(subject: Subject, namespaced: boolean, field: string): FieldError[] {
  const { kind, name, apiGroup = "", namespace = "" } = subject;
  const errors = name === "" ? [required(`${field}.name`)] : [];
  switch (kind) {
    case "ServiceAccount":
      if (name !== "") errors.push(...dnsSubdomainProblems(name).map((one) => invalid(`${field}.name`, name, one)));
      if (apiGroup !== "") errors.push(notSupported(`${field}.apiGroup`, apiGroup, [""]));
      if (!namespaced && namespace === "") errors.push(required(`${field}.namespace`));
      return errors;
    case "User":
    case "Group":
      if (name === "") errors.push(invalid(`${field}.name`, name, `${kind.toLowerCase()} name cannot be empty`));
      if (apiGroup !== rbacGroup) errors.push(notSupported(`${field}.apiGroup`, apiGroup, [rbacGroup]));
      return errors;
    default:
      return [...errors, notSupported(`${field}.kind`, kind, ["ServiceAccount", "User", "Group"])];
  }
}

const validateRoleRef = (next: Binding, previous: Binding) =>
  equalJson(next.roleRef, previous.roleRef) ? [] : [invalid("roleRef", next.roleRef, "cannot change roleRef")];

function subjectNames(binding: Binding, kind: string): string {
  const own = (binding.subjects ?? []).filter((subject) => subject.kind === kind);
  return own.map(({ name, namespace }) => (kind === "ServiceAccount" ? `${namespace ?? ""}/${name}` : name)).join(", ");
}

// pkg/printers/internalversion/printers.go printRoleBinding
const columns: readonly TableColumn<Binding>[] = [
  nameColumn,
  {
    name: "Role",
    type: "string",
    description: "Whose rights are granted.",
    cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  },
  ageColumn,
  {
    name: "Users",
    type: "string",
    priority: 1,
    description: "Users who get them.",
    cell: (binding) => subjectNames(binding, "User"),
  },
  {
    name: "Groups",
    type: "string",
    priority: 1,
    description: "Groups that get them.",
    cell: (binding) => subjectNames(binding, "Group"),
  },
  {
    name: "ServiceAccounts",
    type: "string",
    priority: 1,
    description: "Service accounts that get them.",
    cell: (binding) => subjectNames(binding, "ServiceAccount"),
  },
];

export const roleBindings = defineResource<RoleBinding>({
  group: rbacGroup,
  kind: "RoleBinding",
  plural: "rolebindings",
  namespaced: true,
  schema: roleBindingSchema,
  nameProblems: pathSegmentProblems,
  defaults: withGroups,
  validate: (binding) => validateBinding(binding, true),
  validateUpdate: validateRoleRef,
  columns,
});

export const clusterRoleBindings = defineResource<ClusterRoleBinding>({
  group: rbacGroup,
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  namespaced: false,
  schema: clusterRoleBindingSchema,
  nameProblems: pathSegmentProblems,
  defaults: withGroups,
  validate: (binding) => validateBinding(binding, false),
  validateUpdate: validateRoleRef,
  columns,
});
