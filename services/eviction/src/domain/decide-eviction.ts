import { type Pod, type Status, statusConflict, statusNotFound } from "@podbus/kube";

export interface EvictionWish {
  readonly name: string;
  /** The incarnation that the caller means; "" for whichever has the name. */
  readonly uid: string;
  readonly gracePeriodSeconds: number | undefined;
  readonly preconditionUid: string;
  readonly preconditionResourceVersion: string;
}

export type EvictionDecision =
  | { readonly kind: "delete"; readonly uid: string }
  /** It is on its way already. */
  | { readonly kind: "done" }
  | { readonly kind: "refuse"; readonly status: Status };

/**
 * Whether a pod may be evicted. PodDisruptionBudgets are not served yet, so no pod has one.
 * Kubernetes: pkg/registry/core/pod/storage/eviction.go; the preconditions: apiserver registry/rest/delete.go.
 */
export function decideEviction(pod: Pod | undefined, wish: EvictionWish): EvictionDecision {
  const uid = pod?.metadata.uid ?? "";
  if (!pod || (wish.uid !== "" && wish.uid !== uid)) return refuse(statusNotFound("pods", wish.name));
  const problem = failedPrecondition(pod, wish);
  if (problem !== undefined) return refuse(statusConflict("pods", wish.name, problem));
  // Another grace period may still shorten a deletion that has begun.
  const going = pod.metadata.deletionTimestamp !== undefined && wish.gracePeriodSeconds === undefined;
  return going ? { kind: "done" } : { kind: "delete", uid };
}

function failedPrecondition({ metadata }: Pod, wish: EvictionWish): string | undefined {
  const { preconditionUid, preconditionResourceVersion } = wish;
  if (preconditionUid !== "" && preconditionUid !== metadata.uid) {
    return `the UID in the precondition (${preconditionUid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
  }
  if (preconditionResourceVersion !== "" && preconditionResourceVersion !== metadata.resourceVersion) {
    return `the ResourceVersion in the precondition (${preconditionResourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
  }
  return undefined;
}

const refuse = ({ status }: { readonly status: Status }): EvictionDecision => ({ kind: "refuse", status });
