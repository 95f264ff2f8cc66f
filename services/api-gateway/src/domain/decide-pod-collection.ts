import { type Node, type Pod, taints } from "@podbus/kube";

export interface CollectionInputs {
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  /** How many pods that have ended may stay; 0 for any number. */
  readonly terminatedPodThreshold: number;
  /** For each name of a node that pods are bound to and that is not there: since when, on `nowMs`' clock. */
  readonly missingSince: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export interface CollectedPod {
  readonly pod: Pod;
  readonly why: "terminated" | "out-of-service" | "orphaned" | "unscheduled";
}

/** A node that registers again in this time keeps its pods. kube-controller-manager: quarantineTime. */
export const quarantineMs = 40_000;

/**
 * The pods that no node will bring to an end, or that have ended and are too many.
 * kube-controller-manager: pkg/controller/podgc/gc_controller.go.
 */
export function decidePodCollection(inputs: CollectionInputs): CollectedPod[] {
  const nodes = new Map(inputs.nodes.map((node) => [node.metadata.name, node]));
  const stranded = inputs.pods.flatMap((pod): CollectedPod[] => {
    const why = whyStranded(pod, nodes, inputs);
    return why ? [{ pod, why }] : [];
  });
  const others = new Set(stranded.map(({ pod }) => pod));
  const surplus = surplusOf(
    inputs.pods.filter((pod) => !others.has(pod)),
    inputs.terminatedPodThreshold,
  );
  return [...stranded, ...surplus.map((pod) => ({ pod, why: "terminated" as const }))];
}

function whyStranded(
  pod: Pod,
  nodes: ReadonlyMap<string, Node>,
  { missingSince, nowMs }: CollectionInputs,
): Exclude<CollectedPod["why"], "terminated"> | undefined {
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const { nodeName } = pod.spec;
  if (!nodeName) return terminating ? "unscheduled" : undefined;
  const node = nodes.get(nodeName);
  if (!node) return nowMs - (missingSince.get(nodeName) ?? nowMs) >= quarantineMs ? "orphaned" : undefined;
  return terminating && isOutOfService(node) ? "out-of-service" : undefined;
}

function isOutOfService(node: Node): boolean {
  const ready = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return !ready && (node.spec?.taints ?? []).some(({ key }) => key === taints.outOfService);
}

export function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Evicted ones first, since nobody asks how they ended; then the oldest. */
function surplusOf(pods: readonly Pod[], threshold: number): Pod[] {
  if (threshold <= 0) return [];
  const ended = pods.filter(hasEnded);
  const surplus = ended.length - threshold;
  return surplus <= 0 ? [] : ended.toSorted(byTurn).slice(0, surplus);
}

function byTurn(a: Pod, b: Pod): number {
  const evicted = (pod: Pod) => pod.status?.phase === "Failed" && pod.status.reason === "Evicted";
  const created = (pod: Pod) => Date.parse(pod.metadata.creationTimestamp ?? "") || 0;
  return (
    Number(evicted(b)) - Number(evicted(a)) ||
    created(a) - created(b) ||
    (a.metadata.name < b.metadata.name ? -1 : Number(a.metadata.name > b.metadata.name))
  );
}
