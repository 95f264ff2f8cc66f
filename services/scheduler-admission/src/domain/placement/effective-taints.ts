import { type Node, type Taint, taints } from "@podbus/kube";

/**
 * A node's taints, and the one that its Ready condition implies. Kubernetes' node lifecycle controller writes that
 * taint (pkg/controller/nodelifecycle taintNodeByCondition); a node is kept free of pods without waiting for a writer.
 */
export function effectiveTaints({ spec, status }: Node): readonly Taint[] {
  const written = spec?.taints ?? [];
  const ready = status?.conditions?.find((condition) => condition.type === "Ready")?.status;
  if (ready === "True") return written;
  const key = ready === "Unknown" ? taints.unreachable : taints.notReady;
  if (written.some((taint) => taint.key === key && taint.effect === "NoSchedule")) return written;
  return [...written, { key, effect: "NoSchedule" }];
}
