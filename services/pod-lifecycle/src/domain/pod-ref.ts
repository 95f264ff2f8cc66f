import type { Pod } from "@podbus/kube";

/** Names one incarnation of a pod. */
export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

export const podRefOf = ({ metadata }: Pod): PodIdentity => ({
  uid: metadata.uid ?? "",
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});
