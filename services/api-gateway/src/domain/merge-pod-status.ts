import { type PodCondition, type PodStatus, podConditions } from "@podbus/kube";

/** Conditions that the node alone decides (kubelet/types/pod_status.go PodConditionByKubelet). */
const nodeOwned: ReadonlySet<string> = new Set([
  podConditions.initialized,
  podConditions.containersReady,
  podConditions.ready,
  podConditions.readyToStartContainers,
]);

/**
 * A node's status over the stored one. What others decide stays theirs: PodScheduled, DisruptionTarget and custom
 * conditions, nominatedNodeName and the QoS class. A condition of others that is not stored yet may be added by the
 * node (DisruptionTarget under pressure).
 */
export function mergePodStatus(stored: PodStatus | undefined, reported: PodStatus): PodStatus {
  const { nominatedNodeName, qosClass, ...rest } = reported;
  const keptQosClass = stored?.qosClass ?? qosClass;
  const conditions = mergeConditions(stored?.conditions ?? [], reported.conditions ?? []);
  return {
    ...rest,
    ...(stored?.nominatedNodeName === undefined ? {} : { nominatedNodeName: stored.nominatedNodeName }),
    ...(keptQosClass === undefined ? {} : { qosClass: keptQosClass }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

function mergeConditions(stored: readonly PodCondition[], reported: readonly PodCondition[]): PodCondition[] {
  const kept = stored.filter(({ type }) => !nodeOwned.has(type));
  const known = new Set(kept.map(({ type }) => type));
  return [...reported.filter(({ type }) => !known.has(type)), ...kept];
}

/** The DisruptionTarget condition set to true; its transition time stays if it was true already. */
export function withDisruptionTarget(
  status: PodStatus | undefined,
  reason: string,
  message: string,
  now: string,
): PodStatus {
  const conditions = status?.conditions ?? [];
  const previous = conditions.find(({ type }) => type === podConditions.disruptionTarget);
  const condition: PodCondition = {
    type: podConditions.disruptionTarget,
    status: "True",
    lastTransitionTime: (previous?.status === "True" ? previous.lastTransitionTime : undefined) ?? now,
    reason,
    message,
  };
  return { ...status, conditions: [...conditions.filter((one) => one !== previous), condition] };
}
