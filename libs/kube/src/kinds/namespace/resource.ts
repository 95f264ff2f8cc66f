import { labels, namespaceFinalizer } from "../../constants.ts";
import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { invalid } from "../../validation/field-error.ts";
import { dnsLabelProblems, qualifiedNameProblems } from "../../validation/formats.ts";
import { type Namespace, namespaceSchema } from "./schema.ts";

/** pkg/apis/core/v1/defaults.go SetDefaults_Namespace; pkg/registry/core/namespace/strategy.go PrepareForCreate */
function defaultNamespace(namespace: Namespace): Namespace {
  const { metadata } = namespace;
  const named = metadata.name === "" ? {} : { [labels.namespaceName]: metadata.name };
  const finalizers = namespace.spec?.finalizers ?? [];
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...metadata.labels, ...named } },
    spec: {
      ...namespace.spec,
      finalizers:
        finalizers.includes(namespaceFinalizer) || metadata.deletionTimestamp !== undefined
          ? finalizers
          : [...finalizers, namespaceFinalizer],
    },
  };
}

export const namespacesResource = defineResource<Namespace>({
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  namespaced: false,
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: [{ name: "finalize", verbs: ["update"] }, statusSubresource],
  schema: namespaceSchema,
  nameProblems: dnsLabelProblems,
  defaults: defaultNamespace,
  validate: ({ spec }) =>
    (spec?.finalizers ?? []).flatMap((name, index) =>
      qualifiedNameProblems(name).map((problem) => invalid(`spec.finalizers[${index}]`, name, problem)),
    ),
  initialStatus: () => ({ phase: "Active" }),
  selectableFields: ({ status }) => ({ "status.phase": status?.phase ?? "" }),
  columns: [
    nameColumn,
    {
      name: "Status",
      type: "string",
      description: "Active, or Terminating while its content is removed.",
      cell: ({ status }) => status?.phase ?? "",
    },
    ageColumn,
  ],
});
