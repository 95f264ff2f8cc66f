import { formatTime } from "../../decode/time.ts";
import type { PodCondition, PodStatus } from "./status-schema.ts";

interface HasStatus {
  readonly status?: PodStatus | undefined;
}

export function podCondition(pod: HasStatus, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

export function isPodReady(pod: HasStatus): boolean {
  return podCondition(pod, "Ready")?.status === "True";
}

/** The pod will never run again. */
export function isPodTerminal(pod: HasStatus): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

export interface ConditionChange {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions with this one in place; its transition time moves only when the status does. `now` in Unix ms. */
export function setPodCondition(
  conditions: readonly PodCondition[] | undefined,
  change: ConditionChange,
  now: number,
): PodCondition[] {
  const present = (conditions ?? []).find(({ type }) => type === change.type);
  const unchanged = present?.status === change.status && present.lastTransitionTime !== undefined;
  const next: PodCondition = {
    type: change.type,
    status: change.status,
    lastTransitionTime: unchanged ? present.lastTransitionTime : formatTime(now),
    ...(change.reason === undefined ? {} : { reason: change.reason }),
    ...(change.message === undefined ? {} : { message: change.message }),
  };
  if (present === undefined) return [...(conditions ?? []), next];
  return (conditions ?? []).map((condition) => (condition === present ? next : condition));
}
