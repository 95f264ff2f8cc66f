import type { ContainerStatus, Pod, PodStatus } from "@podbus/kube";

/** What the API knows of the containers, of whatever role. */
export function storedStatuses({ status }: Pod): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}

/** The parts of the stored status that this node writes, to see whether anything of it is news. */
export function ownedStatus(stored: PodStatus | undefined): PodStatus | undefined {
  if (!stored) return undefined;
  const owned = new Set(["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"]);
  return { ...stored, conditions: (stored.conditions ?? []).filter((c) => owned.has(c.type)) };
}
