import type { ContainerStatus, Pod } from "@podbus/kube";

/** What the API knows of the containers, of whatever role. */
export function storedStatuses({ status }: Pod): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}
