import type { z } from "zod";
import { decodeValue } from "./decode/decoder.ts";
import { equalJson } from "./json.ts";
import type { ResourceDefinition, Subresource, TableColumn, Verb } from "./resource-definition.ts";
import type { KubeObject } from "./schema/meta.ts";
import { ageColumn, nameColumn } from "./table/columns.ts";
import type { FieldError } from "./validation/field-error.ts";
import { type NameProblems, validateObjectMeta, validateObjectMetaUpdate } from "./validation/object-meta.ts";

export const allVerbs: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

/** Passed on with every method. */
export const proxySubresource: Subresource = {
  name: "proxy",
  verbs: ["create", "delete", "get", "patch", "update"],
};

export const statusSubresource: Subresource = { name: "status", verbs: ["get", "patch", "update"] };

/** What a kind has to say of itself; the rest is the same for all. */
export interface ResourceSpec<T extends KubeObject> {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  readonly verbs?: readonly Verb[];
  readonly subresources?: readonly Subresource[];
  readonly schema: z.ZodObject;
  readonly nameProblems: NameProblems;
  /** Its spec's changes are counted in metadata.generation; in some kinds those of its labels too. */
  readonly countsGeneration?: true | "with labels";
  defaults?(object: T): T;
  /** Beyond the metadata. */
  validate?(object: T): FieldError[];
  /** Beyond the metadata; runs together with `validate` of the new object unless `validatesWholeUpdate`. */
  validateUpdate?(next: T, previous: T): FieldError[];
  /** The update's rules already cover the new object (a pod's spec hardly changes). */
  readonly validatesWholeUpdate?: boolean;
  /** What the system itself decides in an object that is created (no `previous`) or updated. */
  prepare?(object: T, previous: T | undefined): T;
  /** The status of a new object; absent for kinds without one. */
  initialStatus?(object: T): unknown;
  /** Beyond the metadata, when the status is updated. */
  validateStatus?(next: T, previous: T): FieldError[];
  selectableFields?(object: T): Record<string, string>;
  listOrder?(object: T): number;
  /** For a second face of objects that another kind stores. */
  readonly storedAs?: Pick<ResourceDefinition<T>, "storageResource" | "toStored" | "fromStored">;
  readonly columns?: readonly TableColumn<T>[];
}

interface MayHaveStatus extends KubeObject {
  status?: unknown;
}

/** Fields that the server owns and a client's update need not repeat. */
function keepSystemFields<T extends KubeObject>(next: T, previous: T): T {
  const before = previous.metadata;
  const kept = [
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
  ] as const;
  const metadata = { ...next.metadata };
  for (const name of kept) {
    const value = before[name];
    if (metadata[name] === undefined && value !== undefined) Object.assign(metadata, { [name]: value });
  }
  if (before.generation === undefined) delete metadata.generation;
  else metadata.generation = before.generation;
  return { ...next, metadata };
}

function withStatus<T extends KubeObject>(object: T, status: unknown): T {
  const copy: T & MayHaveStatus = { ...object };
  if (status === undefined) delete copy.status;
  else copy.status = status;
  return copy;
}

function statusOf(object: KubeObject): unknown {
  return (object as MayHaveStatus).status;
}

function everythingBut(object: KubeObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== "metadata" && name !== "status"));
}

function changesSpec(next: KubeObject, previous: KubeObject): boolean {
  return !equalJson(everythingBut(next), everythingBut(previous));
}

function namesOf<T extends KubeObject>(namespaced: boolean, object: T): Record<string, string> {
  const { name, namespace = "" } = object.metadata;
  return namespaced ? { "metadata.name": name, "metadata.namespace": namespace } : { "metadata.name": name };
}

export function defineResource<T extends KubeObject>(spec: ResourceSpec<T>): ResourceDefinition<T> {
  const group = spec.group ?? "";
  const hasStatus = spec.initialStatus !== undefined;
  const validate = (object: T) => [
    ...validateObjectMeta(object.metadata, spec.namespaced, spec.nameProblems),
    ...(spec.validate?.(object) ?? []),
  ];
  const selectableFields = (object: T) => ({
    ...namesOf(spec.namespaced, object),
    ...(spec.selectableFields?.(object) ?? {}),
  });
  return {
    group,
    version: spec.version ?? "v1",
    kind: spec.kind,
    plural: spec.plural,
    singular: spec.kind.toLowerCase(),
    shortNames: spec.shortNames ?? [],
    categories: spec.categories ?? [],
    namespaced: spec.namespaced,
    verbs: spec.verbs ?? allVerbs,
    subresources: spec.subresources ?? [],
    storageResource: group === "" ? spec.plural : `${spec.plural}.${group}`,
    toStored: (object) => object,
    // What is stored went through this kind's schema.
    fromStored: (stored) => stored as T,
    ...spec.storedAs,
    schema: spec.schema,
    defaults: (object) => spec.defaults?.(object) ?? object,
    validate,
    validateUpdate: (next, previous) => [
      ...validateObjectMetaUpdate(next, previous),
      ...(spec.validatesWholeUpdate === true ? [] : (spec.validate?.(next) ?? [])),
      ...(spec.validateUpdate?.(next, previous) ?? []),
    ],
    validateStatusUpdate: (next, previous) => [
      ...validateObjectMetaUpdate(next, previous),
      ...(spec.validateStatus?.(next, previous) ?? []),
    ],
    prepareForCreate: (object) => {
      const { deletionTimestamp: _, deletionGracePeriodSeconds: __, generation: ___, ...metadata } = object.metadata;
      const fresh: T = {
        ...object,
        metadata: spec.countsGeneration ? { ...metadata, generation: 1 } : metadata,
      };
      const prepared = spec.prepare?.(fresh, undefined) ?? fresh;
      return hasStatus ? withStatus(prepared, spec.initialStatus?.(prepared)) : prepared;
    },
    prepareForUpdate: (next, previous) => {
      const kept = keepSystemFields(next, previous);
      const prepared = spec.prepare?.(kept, previous) ?? kept;
      const updated = hasStatus ? withStatus(prepared, statusOf(previous)) : prepared;
      const relabelled =
        spec.countsGeneration === "with labels" && !equalJson(updated.metadata.labels, previous.metadata.labels);
      if (!spec.countsGeneration || !(relabelled || changesSpec(updated, previous))) return updated;
      const generation = (previous.metadata.generation ?? 0) + 1;
      return { ...updated, metadata: { ...updated.metadata, generation } };
    },
    prepareForStatusUpdate: (next, previous) => {
      const { metadata } = keepSystemFields(next, previous);
      const { ownerReferences: _, ...rest } = metadata;
      const owners = previous.metadata.ownerReferences;
      const kept = owners === undefined ? rest : { ...rest, ownerReferences: owners };
      return withStatus({ ...previous, metadata: kept }, statusOf(next));
    },
    // A field selector may name these even on an object that has nothing in them.
    selectableFieldNames: Object.keys(selectableFields(decodeValue(spec.schema, {}).value as T)),
    selectableFields,
    ...(spec.listOrder ? { listOrder: spec.listOrder } : {}),
    columns: spec.columns ?? [nameColumn, ageColumn],
  };
}
