import type { z } from "zod";
import { is, listBy, listOf, may, objectType } from "./fields.ts";

const meta = (name: string) => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`;

export const ownerReferenceSchema = objectType(
  meta("OwnerReference"),
  {
    apiVersion: is.string,
    kind: is.string,
    name: is.string,
    uid: is.string,
    controller: may.boolean,
    blockOwnerDeletion: may.boolean,
  },
  "Names an object that this one belongs to; both live in the same namespace.",
);
export type OwnerReference = z.infer<typeof ownerReferenceSchema>;

export const managedFieldsEntrySchema = objectType(meta("ManagedFieldsEntry"), {
  manager: may.string,
  operation: may.string,
  apiVersion: may.string,
  time: may.time,
  fieldsType: may.string,
  fieldsV1: may.rawObject,
  subresource: may.string,
});

const objectMetaShape = {
  generateName: may.string,
  namespace: may.string,
  selfLink: may.string,
  uid: may.string,
  resourceVersion: may.string,
  generation: may.int64,
  creationTimestamp: may.time,
  deletionTimestamp: may.time,
  deletionGracePeriodSeconds: may.int64,
  labels: may.stringMap,
  annotations: may.stringMap,
  ownerReferences: listBy("uid", ownerReferenceSchema).optional(),
  finalizers: may.mergedStrings,
  managedFields: listOf(managedFieldsEntrySchema).optional(),
} as const;

/** Metadata of a stored object: the name is always there (empty only before generateName is used). */
export const objectMetaSchema = objectType(
  meta("ObjectMeta"),
  { name: is.stringFilledIn, ...objectMetaShape },
  "Identity, labels and life of an object.",
  { mayBeLeftOut: true },
);
export type ObjectMeta = z.infer<typeof objectMetaSchema>;

/** Metadata inside a template: no name needed. */
export const templateMetaSchema = objectType(meta("ObjectMeta"), { name: may.string, ...objectMetaShape });

/** Kind, version and metadata: what every object begins with. Always there in a stored object. */
export const typedObjectShape = {
  apiVersion: is.stringFilledIn,
  kind: is.stringFilledIn,
  metadata: objectMetaSchema,
} as const;

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

export const conditionSchema = objectType(
  meta("Condition"),
  {
    type: is.string,
    status: is.string,
    observedGeneration: may.int64,
    lastTransitionTime: may.time,
    reason: is.string,
    message: is.string,
  },
  "One aspect of the state of an object.",
);
export type Condition = z.infer<typeof conditionSchema>;

export const listMetaSchema = objectType(
  meta("ListMeta"),
  {
    selfLink: may.string,
    resourceVersion: may.string,
    continue: may.string,
    remainingItemCount: may.int64,
  },
  undefined,
  { mayBeLeftOut: true },
);
export type ListMeta = z.infer<typeof listMetaSchema>;

export const labelSelectorRequirementSchema = objectType(meta("LabelSelectorRequirement"), {
  key: is.string,
  operator: is.string,
  values: may.strings,
});

export const labelSelectorSchema = objectType(
  meta("LabelSelector"),
  {
    matchLabels: may.stringMap,
    matchExpressions: listOf(labelSelectorRequirementSchema).optional(),
  },
  "Chooses objects by labels; all requirements must hold. Empty chooses everything.",
);
export type LabelSelector = z.infer<typeof labelSelectorSchema>;

export const preconditionsSchema = objectType(meta("Preconditions"), {
  uid: may.string,
  resourceVersion: may.string,
});

export const deleteOptionsSchema = objectType(meta("DeleteOptions"), {
  apiVersion: may.string,
  kind: may.string,
  gracePeriodSeconds: may.int64,
  preconditions: preconditionsSchema.optional(),
  orphanDependents: may.boolean,
  propagationPolicy: may.string,
  dryRun: may.strings,
  ignoreStoreReadErrorWithClusterBreakingPotential: may.boolean,
});
export type DeleteOptions = z.infer<typeof deleteOptionsSchema>;

export const statusCauseSchema = objectType(meta("StatusCause"), {
  reason: may.string,
  message: may.string,
  field: may.string,
});
export type StatusCause = z.infer<typeof statusCauseSchema>;

export const statusDetailsSchema = objectType(meta("StatusDetails"), {
  name: may.string,
  group: may.string,
  kind: may.string,
  uid: may.string,
  causes: listOf(statusCauseSchema).optional(),
  retryAfterSeconds: may.int32,
});

export const statusSchema = objectType(
  meta("Status"),
  {
    apiVersion: is.stringFilledIn,
    kind: is.stringFilledIn,
    metadata: listMetaSchema,
    status: may.string,
    message: may.string,
    reason: may.string,
    details: statusDetailsSchema.optional(),
    code: may.int32,
  },
  "The answer to a request that has no object to answer with, mostly a failure.",
);
export type Status = z.infer<typeof statusSchema>;

export const tableColumnDefinitionSchema = objectType(meta("TableColumnDefinition"), {
  name: is.string,
  type: is.string,
  format: is.string,
  description: is.string,
  priority: is.int32,
});
export type TableColumnDefinition = z.infer<typeof tableColumnDefinitionSchema>;

export interface TableRow {
  cells: unknown[];
  object?: unknown;
}

/** meta.k8s.io/v1 Table: what kubectl prints. */
export interface Table {
  kind: "Table";
  apiVersion: "meta.k8s.io/v1";
  metadata: ListMeta;
  columnDefinitions: TableColumnDefinition[];
  rows: TableRow[];
}
