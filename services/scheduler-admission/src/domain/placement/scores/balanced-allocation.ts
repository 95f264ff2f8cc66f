import type { NodeState } from "../cluster-state.ts";
import type { PodDemand } from "../pod-demand.ts";
import type { Score } from "./score.ts";

/** CPU and memory used to the same degree are best. Kubernetes: noderesources/balanced_allocation.go. */
export const balancedAllocation: Score = {
  name: "NodeResourcesBalancedAllocation",
  weight: 1,
  scale: "as-is",
  of(pod, node) {
    const deviation = Math.abs(usedPart("cpu", pod, node) - usedPart("memory", pod, node)) / 2;
    return (1 - deviation) * 100;
  },
};

function usedPart(resource: string, pod: PodDemand, node: NodeState): number {
  const allocatable = node.allocatable.get(resource) ?? 0;
  if (allocatable === 0) return 1;
  const requested = (node.requested.get(resource) ?? 0) + (pod.requests.get(resource) ?? 0);
  return Math.min(1, requested / allocatable);
}
