import type { PodStatus } from "@podbus/kube";

/** One text for equal values, whatever the order of their keys. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/**
 * Whether somebody waits for the difference: the phase, Ready, what each container does and why it does not. The rest
 * (addresses, the network's condition, a message that counts down) may travel with the next such change.
 */
export function isUrgent(next: PodStatus, sent: PodStatus | undefined): boolean {
  return canonicalText(essence(next)) !== canonicalText(essence(sent ?? {}));
}

function essence(status: PodStatus) {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return {
    phase: status.phase,
    reason: status.reason,
    ready: status.conditions?.find((c) => c.type === "Ready")?.status,
    containers: containers.map(({ name, ready, started, restartCount, state }) => {
      return [name, ready, started, restartCount, Object.keys(state ?? {}), state?.waiting?.reason];
    }),
  };
}
