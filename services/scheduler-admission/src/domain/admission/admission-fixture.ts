import {
  type FieldError,
  type KubeObject,
  type Pod,
  type ResourceDefinition,
  resources,
  type ServiceAccount,
} from "@podbus/kube";
import { podFixture } from "../object-fixtures.ts";
import type { AdmissionLookup, AdmissionRequest } from "./admission-step.ts";

/** A row with rules that a test can see at work: "image" is defaulted, a name "bad" is invalid. */
export const fakePods: ResourceDefinition = {
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  singular: "pod",
  shortNames: [],
  categories: [],
  namespaced: true,
  verbs: [],
  subresources: [],
  storageResource: "pods",
  toStored: (object) => object,
  fromStored: (stored) => stored,
  schema: {} as ResourceDefinition["schema"],
  defaults: (object) => {
    const pod = object as Pod;
    return { ...pod, spec: { ...pod.spec, restartPolicy: pod.spec.restartPolicy ?? "Always" } } as Pod;
  },
  validate: (object) => (object.metadata.name === "bad" ? [problem("metadata.name")] : []),
  validateUpdate: () => [problem("spec")],
  validateStatusUpdate: () => [problem("status")],
  prepareForCreate: (object) => object,
  prepareForUpdate: (object) => object,
  prepareForStatusUpdate: (object) => object,
  selectableFieldNames: [],
  selectableFields: () => ({}),
  columns: [],
};

const problem = (field: string): FieldError => ({ type: "FieldValueInvalid", field, message: 'Invalid value: "bad"' });

export function creationOf(object: KubeObject, change: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const { name, namespace = "" } = object.metadata;
  return { operation: "create", resource: fakePods, subresource: "", namespace, name, object, ...change };
}

export const updateOf = (object: KubeObject, subresource = "") =>
  creationOf(object, { operation: "update", subresource, oldObject: podFixture() });

/** Holds these objects and nothing else. */
export function lookupOf(...objects: KubeObject[]): AdmissionLookup {
  const ofResource = (resource: string) => {
    const kinds = resources.filter((row) => row.storageResource === resource).map(({ kind }) => kind);
    return objects.filter(({ kind }) => kinds.includes(kind));
  };
  return {
    get: <T extends KubeObject>(resource: string, namespace: string, name: string) =>
      ofResource(resource).find(
        ({ metadata }) => (metadata.namespace ?? "") === namespace && metadata.name === name,
      ) as unknown as T | undefined,
    list: <T extends KubeObject>(resource: string) => ofResource(resource) as unknown as T[],
  };
}

export const accountFixture = (name = "default", change: Partial<ServiceAccount> = {}): ServiceAccount => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace: "default" },
  ...change,
});
