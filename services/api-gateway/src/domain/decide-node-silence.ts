import type { Node, NodeCondition } from "@podbus/kube";

/** Kubernetes' node-monitor-grace-period. */
export const nodeSilenceMs = 40_000;

/** Conditions that nobody can vouch for once the node is silent (controller/nodelifecycle). */
const nodeConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;

/**
 * The status of a node that has not renewed its lease for a while: its conditions become Unknown. Undefined if
 * there is nothing to change. `silentForMs` is measured by the observer's clock, so that clocks may differ.
 */
export function decideNodeSilence(node: Node, silentForMs: number, now: string): Node | undefined {
  if (silentForMs <= nodeSilenceMs) return undefined;
  const conditions = node.status?.conditions ?? [];
  const missing = nodeConditions.filter((type) => type === "Ready" && !conditions.some((one) => one.type === type));
  const stale = conditions.filter((one) => isVouchedByNode(one) && one.status !== "Unknown");
  if (stale.length === 0 && missing.length === 0) return undefined;
  const next = [
    ...conditions.map((one) => (stale.includes(one) ? unknown(one, now) : one)),
    ...missing.map((type) => unknown({ type, status: "" }, now)),
  ];
  return { ...node, status: { ...node.status, conditions: next } };
}

function isVouchedByNode({ type }: NodeCondition): boolean {
  return (nodeConditions as readonly string[]).includes(type);
}

function unknown(condition: NodeCondition, now: string): NodeCondition {
  return {
    ...condition,
    status: "Unknown",
    reason: "NodeStatusUnknown",
    message: "Kubelet stopped posting node status.",
    lastTransitionTime: now,
  };
}

/** Whether only this monitor's word keeps the node from being Ready: the node must speak again. */
export function isMarkedSilent(node: Node): boolean {
  return (node.status?.conditions ?? []).some(
    ({ type, status, reason }) => type === "Ready" && status === "Unknown" && reason === "NodeStatusUnknown",
  );
}
