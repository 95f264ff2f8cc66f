import type { NodeState } from "../cluster-state.ts";
import type { PodDemand } from "../pod-demand.ts";

/** Whether a pod may run on a node at all. */
export interface Filter {
  /** As Kubernetes' plugin. */
  readonly name: string;
  /** Why not, in Kubernetes' words; undefined if it may. */
  refuse(pod: PodDemand, node: NodeState): readonly string[] | undefined;
}
