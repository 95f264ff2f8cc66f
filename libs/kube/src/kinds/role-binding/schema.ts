import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

const rbac = (name: string) => `io.k8s.api.rbac.v1.${name}`;

export const subjectSchema = objectType(
  rbac("Subject"),
  { kind: is.string, apiGroup: may.string, name: is.string, namespace: may.string },
  "Who gets rights.",
);
export type Subject = z.infer<typeof subjectSchema>;

export const roleRefSchema = objectType(
  rbac("RoleRef"),
  { apiGroup: is.string, kind: is.string, name: is.string },
  "Whose rights are granted.",
  { mayBeLeftOut: true },
);

const shape = { ...typedObjectShape, subjects: listOf(subjectSchema).optional(), roleRef: roleRefSchema };

export const roleBindingSchema = objectType(rbac("RoleBinding"), shape, "Grants rights within one namespace.");
export type RoleBinding = z.infer<typeof roleBindingSchema>;

export const clusterRoleBindingSchema = objectType(rbac("ClusterRoleBinding"), shape, "Grants rights everywhere.");
export type ClusterRoleBinding = z.infer<typeof clusterRoleBindingSchema>;
