import type { NodeState } from "../cluster-state.ts";
import type { PodDemand } from "../pod-demand.ts";
import { balancedAllocation } from "./balanced-allocation.ts";
import { leastAllocated } from "./least-allocated.ts";
import { preferredNodeAffinity } from "./preferred-node-affinity.ts";
import { preferredTaints } from "./preferred-taints.ts";
import type { Score } from "./score.ts";

/** With the weights of Kubernetes' default plugins. */
export const scores: readonly Score[] = [preferredTaints, preferredNodeAffinity, leastAllocated, balancedAllocation];

/** The weighted sum for each node, in the order of `nodes`. */
export function scoreNodes(pod: PodDemand, nodes: readonly NodeState[]): number[] {
  const sums = nodes.map(() => 0);
  for (const score of scores) {
    if (score.applies && !score.applies(pod, nodes)) continue;
    const values = nodes.map((node) => score.of(pod, node));
    const scaled = score.scale === "as-is" ? values : scale(values, score.scale);
    scaled.forEach((value, index) => {
      sums[index] = (sums[index] ?? 0) + value * score.weight;
    });
  }
  return sums;
}

function scale(values: readonly number[], kind: "most" | "fewest"): number[] {
  const greatest = Math.max(...values);
  const parts = values.map((value) => (greatest === 0 ? 0 : (value * 100) / greatest));
  return kind === "most" ? parts : parts.map((part) => 100 - part);
}
