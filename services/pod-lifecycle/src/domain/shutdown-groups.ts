import type { Pod } from "@podbus/kube";
import { criticalPriority } from "./critical-pod.ts";

/** Pods of this priority and more, up to the next period's, may take so long. */
export interface ShutdownPeriod {
  readonly priority: number;
  readonly seconds: number;
}

export interface ShutdownGroup<T> {
  readonly pods: readonly T[];
  /** How long the whole group may take, and no pod more. */
  readonly seconds: number;
}

/** The kubelet's two settings as periods: pkg/kubelet/nodeshutdown migrateConfig. None where there is no time at all. */
export function shutdownPeriods(totalSeconds: number, criticalSeconds: number): readonly ShutdownPeriod[] {
  if (totalSeconds === 0) return [];
  return [
    { priority: 0, seconds: totalSeconds - criticalSeconds },
    { priority: criticalPriority, seconds: criticalSeconds },
  ];
}

/** Who ends when as the machine goes down: the lowest priorities first. kubelet: pkg/kubelet/nodeshutdown groupByPriority. */
export function shutdownGroups<T extends { readonly pod: Pod }>(
  all: readonly T[],
  periods: readonly ShutdownPeriod[],
): readonly ShutdownGroup<T>[] {
  const ordered = periods.toSorted((a, b) => a.priority - b.priority);
  const groups = ordered.map(({ priority, seconds }, index) => {
    const from = index === 0 ? Number.NEGATIVE_INFINITY : priority;
    const to = ordered[index + 1]?.priority ?? Number.POSITIVE_INFINITY;
    const pods = all.filter(({ pod }) => (pod.spec.priority ?? 0) >= from && (pod.spec.priority ?? 0) < to);
    return { pods, seconds };
  });
  return groups.filter(({ pods }) => pods.length > 0);
}
