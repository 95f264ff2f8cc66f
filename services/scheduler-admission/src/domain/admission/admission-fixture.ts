import type { FieldError, KubeObject, Pod, ResourceDefinition, ServiceAccount } from "@podbus/kube";
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

/** Holds these accounts and nothing else. */
export function lookupOf(...accounts: ServiceAccount[]): AdmissionLookup {
  return {
    get: <T extends KubeObject>(resource: string, namespace: string, name: string) =>
      accounts.find(
        ({ metadata }) => resource === "serviceaccounts" && metadata.namespace === namespace && metadata.name === name,
      ) as unknown as T | undefined,
  };
}

export const accountFixture = (name = "default", change: Partial<ServiceAccount> = {}): ServiceAccount => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace: "default" },
  ...change,
});
