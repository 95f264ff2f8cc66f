import type { PriorityClass } from "./schema.ts";

/** pkg/apis/scheduling/types.go SystemPriorityClassPrefix, HighestUserDefinablePriority */
export const systemPrefix = "system-";
export const highestUserPriority = 1_000_000_000;

function systemClass(name: string, value: number, description: string): PriorityClass {
  return {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name, generation: 1 },
    value,
    description,
    preemptionPolicy: "PreemptLowerPriority",
  };
}

/** The classes that every cluster has: pkg/apis/scheduling/v1/helpers.go. */
export const systemPriorityClasses: readonly PriorityClass[] = [
  systemClass("system-node-critical", 2_000_001_000, "For pods that their node cannot do without."),
  systemClass(
    "system-cluster-critical",
    2_000_000_000,
    "For pods that the cluster cannot do without, on whatever node.",
  ),
];
