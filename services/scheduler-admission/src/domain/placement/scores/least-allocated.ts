import type { Score } from "./score.ts";

/** The emptier the better. Kubernetes: noderesources/least_allocated.go. */
export const leastAllocated: Score = {
  name: "NodeResourcesFit",
  weight: 1,
  scale: "as-is",
  of(pod, node) {
    const cpu = freePercent(node.allocatable.get("cpu"), node.scoringCpuMilli + pod.scoring.cpuMilli);
    const memory = freePercent(node.allocatable.get("memory"), node.scoringMemoryBytes + pod.scoring.memoryBytes);
    return (cpu + memory) / 2;
  },
};

function freePercent(allocatable: number | undefined, requested: number): number {
  return allocatable === undefined || requested > allocatable ? 0 : ((allocatable - requested) * 100) / allocatable;
}
