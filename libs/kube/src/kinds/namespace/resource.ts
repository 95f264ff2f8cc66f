import { labels, namespaceFinalizer } from "../../constants.ts";
import { defineResource, statusSubresource } from "../../define-resource.ts";
import type { SubresourceUpdate } from "../../resource-definition.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { type FieldError, invalid } from "../../validation/field-error.ts";
import { dnsLabelProblems } from "../../validation/formats.ts";
import { finalizerProblems, validateObjectMetaUpdate } from "../../validation/object-meta.ts";
import { type Namespace, namespaceSchema } from "./schema.ts";

// pkg/apis/core/v1/defaults.go, pkg/apis/core/validation/validation.go, pkg/registry/core/namespace/strategy.go

function defaultNamespace(namespace: Namespace): Namespace {
  const { metadata } = namespace;
  if (metadata.name === "") return namespace;
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...metadata.labels, [labels.namespaceName]: metadata.name } },
  };
}

/** A new namespace waits for its content before it goes; after that only `finalize` lets go of it. */
function prepareNamespace(namespace: Namespace, previous: Namespace | undefined): Namespace {
  if (previous !== undefined) {
    return { ...namespace, spec: { ...namespace.spec, finalizers: previous.spec?.finalizers ?? [] } };
  }
  const finalizers = namespace.spec?.finalizers ?? [];
  const held = finalizers.includes(namespaceFinalizer) ? finalizers : [...finalizers, namespaceFinalizer];
  return { ...namespace, spec: { ...namespace.spec, finalizers: held } };
}

function validateFinalizers({ spec }: Namespace, fieldOf: (index: number) => string): FieldError[] {
  return (spec?.finalizers ?? []).flatMap((name, index) =>
    finalizerProblems(name).map((problem) => invalid(fieldOf(index), name, problem)),
  );
}

function validateStatus({ metadata, status }: Namespace): FieldError[] {
  const phase = status?.phase ?? "";
  const going = metadata.deletionTimestamp !== undefined;
  const expected = going ? "Terminating" : "Active";
  if (phase === expected) return [];
  const problem = `may only be '${expected}' if \`deletionTimestamp\` is ${going ? "not empty" : "empty"}`;
  return [invalid("status.Phase", phase, problem)];
}

const finalizeUpdate: SubresourceUpdate = {
  prepare: (next, previous) => {
    const { status } = previous as Namespace;
    return { ...next, ...(status === undefined ? {} : { status }) };
  },
  validate: (next, previous) => [
    ...validateObjectMetaUpdate(next, previous),
    ...validateFinalizers(next as Namespace, (index) => `spec.finalizers[${index}]`),
  ],
};

export const namespacesResource = defineResource<Namespace>({
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  namespaced: false,
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: [{ name: "finalize", verbs: ["update"], update: finalizeUpdate }, statusSubresource],
  schema: namespaceSchema,
  nameProblems: dnsLabelProblems,
  defaults: defaultNamespace,
  prepare: prepareNamespace,
  validate: (namespace) => validateFinalizers(namespace, () => "spec.finalizers"),
  validatesWholeUpdate: true,
  initialStatus: () => ({ phase: "Active" }),
  validateStatus,
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
