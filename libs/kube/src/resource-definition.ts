import type { z } from "zod";
import type { KubeObject } from "./schema/meta.ts";
import type { FieldError } from "./validation/field-error.ts";

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

/** A column of `kubectl get`. Priority 0 always, 1 only with `-o wide`. */
export interface TableColumn<T extends KubeObject = KubeObject> {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  /** "name" marks the column that names the object. */
  readonly format?: string;
  readonly description: string;
  readonly priority?: number;
  /** `now` in Unix milliseconds, for ages. */
  cell(object: T, now: number): string | number | boolean | null;
}

export interface Subresource {
  /** "status", "log", "eviction" … */
  readonly name: string;
  readonly verbs: readonly Verb[];
  /** Kind of its body when it is not the resource's own. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
  /** How an update through it differs from one of the object itself; absent for "status", which is the same for all kinds. */
  readonly update?: SubresourceUpdate;
}

export interface SubresourceUpdate {
  /** Admission has a say in it. */
  readonly reviewed?: true;
  /** Keeps what this subresource may not change. */
  prepare(next: KubeObject, previous: KubeObject): KubeObject;
  validate(next: KubeObject, previous: KubeObject): FieldError[];
}

/**
 * One kind of the API. REST routes, discovery, OpenAPI, printing and storage keys all come from these rows:
 * a new kind is a new row. All functions are pure and give new objects; stored objects are shared and never changed.
 */
export interface ResourceDefinition<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly Subresource[];
  /** ObjectKey.resource: "pods", "leases.coordination.k8s.io". Two rows that name the same are two faces of the same objects. */
  readonly storageResource: string;
  /** The object as it is stored: another form where the kind is a second face of what is stored. */
  toStored(object: T): KubeObject;
  /** The object as this kind shows it. */
  fromStored(stored: KubeObject): T;
  readonly schema: z.ZodObject;
  /** Fills what the user left out, as Kubernetes' SetDefaults functions do. */
  defaults(object: T): T;
  validate(object: T): FieldError[];
  validateUpdate(next: T, previous: T): FieldError[];
  /** Status updates check less: the spec is not theirs. */
  validateStatusUpdate(next: T, previous: T): FieldError[];
  /** Drops what a creator may not set (status) and starts the generation. */
  prepareForCreate(object: T): T;
  /** Keeps the status; counts the generation when the spec changes. */
  prepareForUpdate(next: T, previous: T): T;
  /** Keeps everything but the status. */
  prepareForStatusUpdate(next: T, previous: T): T;
  /** The fields that a field selector may name. */
  readonly selectableFieldNames: readonly string[];
  selectableFields(object: T): Record<string, string>;
  /** Where an object stands in lists, smaller first. Absent: by namespace and name. */
  listOrder?(object: T): number;
  readonly columns: readonly TableColumn<T>[];
}

export type FieldValidation = "Strict" | "Warn" | "Ignore";
