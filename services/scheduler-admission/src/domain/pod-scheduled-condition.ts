import type { Pod, PodCondition } from "@podbus/kube";

export interface ScheduledVerdict {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}

/**
 * The pod with this PodScheduled condition; the same pod if it has it already. The transition time moves only with
 * the status (Kubernetes: pkg/api/v1/pod/util.go UpdatePodCondition). `now`: RFC 3339.
 */
export function withPodScheduled(pod: Pod, { status, reason, message }: ScheduledVerdict, now: string): Pod {
  const conditions = pod.status?.conditions ?? [];
  const present = conditions.find((condition) => condition.type === "PodScheduled");
  if (present?.status === status && present.reason === reason && present.message === message) return pod;
  const condition: PodCondition = {
    type: "PodScheduled",
    status,
    lastTransitionTime: present?.status === status ? (present.lastTransitionTime ?? now) : now,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
  const next = present
    ? conditions.map((other) => (other === present ? condition : other))
    : [...conditions, condition];
  return { ...pod, status: { ...pod.status, conditions: next } };
}
