import type { Pod } from "@podbus/kube";

/** What a pod is to the scheduler. */
export type PodSituation =
  /** It has ended: what it held is free. */
  | { readonly kind: "over" }
  | { readonly kind: "placed"; readonly nodeName: string }
  | { readonly kind: "gated"; readonly message: string }
  /** Another scheduler's, or on its way out before it had a node. */
  | { readonly kind: "not-ours" }
  | { readonly kind: "waiting" };

export const defaultSchedulerName = "default-scheduler";

/** Kubernetes: pkg/scheduler/eventhandlers.go assignedPod, responsibleForPod; plugins/schedulinggates. */
export function situationOf({ metadata, spec, status }: Pod): PodSituation {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return { kind: "over" };
  if (spec.nodeName) return { kind: "placed", nodeName: spec.nodeName };
  if ((spec.schedulerName || defaultSchedulerName) !== defaultSchedulerName) return { kind: "not-ours" };
  if (metadata.deletionTimestamp) return { kind: "not-ours" };
  if ((spec.schedulingGates ?? []).length > 0) {
    return { kind: "gated", message: "Scheduling is blocked due to non-empty scheduling gates" };
  }
  return { kind: "waiting" };
}
