import type { EventRecorder } from "@podbus/events";
import type { Pod } from "@podbus/kube";

/** Never throws, never waits. */
export type EventSink = Pick<EventRecorder, "record">;

export type BindOutcome =
  | { readonly kind: "bound" }
  /** The pod has changed since it was decided on: decide again. */
  | { readonly kind: "changed"; readonly newest: Pod }
  /** Gone, being deleted, or bound by someone else: nothing left to do. */
  | { readonly kind: "settled" };

/** What the scheduler writes. */
export interface PodWriter {
  /** Sets spec.nodeName and PodScheduled=True, if the pod is still as it was decided on. */
  bind(pod: Pod, nodeName: string): Promise<BindOutcome>;
  /** Sets PodScheduled=False, unless the pod is bound or says so already. */
  setUnscheduled(pod: Pod, reason: "Unschedulable" | "SchedulingGated", message: string): Promise<void>;
}
