import type { KubeObject, ResourceDefinition, Status } from "@podbus/kube";

/** What a step may ask for; answered from the store's cache, so a step stays pure. */
export interface AdmissionLookup {
  get<T extends KubeObject>(resource: string, namespace: string, name: string): T | undefined;
  list<T extends KubeObject>(resource: string): readonly T[];
}

export interface AdmissionRequest {
  readonly operation: "create" | "update";
  readonly resource: ResourceDefinition;
  /** "", "status", … */
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As the steps so far have left it. */
  readonly object: KubeObject;
  /** The stored object, for an update. */
  readonly oldObject?: KubeObject;
}

export type AdmissionVerdict =
  | { readonly kind: "admit"; readonly object: KubeObject; readonly warnings?: readonly string[] }
  | { readonly kind: "refuse"; readonly status: Status };

/** One concern of admission. Steps run in order, each on what the one before gave. */
export interface AdmissionStep {
  readonly name: string;
  appliesTo(request: AdmissionRequest): boolean;
  review(request: AdmissionRequest, lookup: AdmissionLookup): AdmissionVerdict;
}

export const admit = (object: KubeObject, warnings: readonly string[] = []): AdmissionVerdict => ({
  kind: "admit",
  object,
  warnings,
});

export const refuse = ({ status }: { readonly status: Status }): AdmissionVerdict => ({ kind: "refuse", status });

export const isPodCreation = ({ operation, resource, subresource }: AdmissionRequest) =>
  operation === "create" && resource.storageResource === "pods" && subresource === "";

/** The name to show in a refusal: a generated name does not exist yet. */
export const shownName = ({ name, object }: AdmissionRequest) =>
  name || object.metadata.name || object.metadata.generateName || "";
