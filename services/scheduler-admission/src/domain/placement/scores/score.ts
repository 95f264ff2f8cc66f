import type { NodeState } from "../cluster-state.ts";
import type { PodDemand } from "../pod-demand.ts";

/** How well a pod would sit on a node that may take it. */
export interface Score {
  /** As Kubernetes' plugin. */
  readonly name: string;
  readonly weight: number;
  /** "as-is": already 0 to 100. "most": the greatest becomes 100. "fewest": the greatest becomes 0. */
  readonly scale: "as-is" | "most" | "fewest";
  /** False if every node would get the same. */
  applies?(pod: PodDemand, nodes: readonly NodeState[]): boolean;
  of(pod: PodDemand, node: NodeState): number;
}
