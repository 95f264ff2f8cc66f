import type { Pod } from "@podbus/kube";
import { hasCriticalPriority } from "./critical-pod.ts";

export interface ShutdownPeriods {
  /** For all pods together. */
  readonly totalSeconds: number;
  /** Of that, what is kept for critical pods. */
  readonly criticalSeconds: number;
}

export interface ShutdownGroup<T> {
  readonly pods: readonly T[];
  /** How long the whole group may take, and no pod more. */
  readonly seconds: number;
}

/** Who ends when as the machine goes down: critical pods after all others. kubelet: pkg/kubelet/nodeshutdown groupByPriority. */
export function shutdownGroups<T extends { readonly pod: Pod }>(
  all: readonly T[],
  { totalSeconds, criticalSeconds }: ShutdownPeriods,
): readonly ShutdownGroup<T>[] {
  const isCritical = ({ pod }: T) => hasCriticalPriority(pod);
  const groups = [
    { pods: all.filter((each) => !isCritical(each)), seconds: totalSeconds - criticalSeconds },
    { pods: all.filter(isCritical), seconds: criticalSeconds },
  ];
  return groups.filter(({ pods }) => pods.length > 0);
}
