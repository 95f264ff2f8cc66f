import type { NodeState } from "./cluster-state.ts";
import { refusalOf } from "./filters/index.ts";
import type { PodDemand } from "./pod-demand.ts";
import { scoreNodes } from "./scores/index.ts";

export type Placement =
  | {
      readonly kind: "place";
      readonly nodeName: string;
      /** Nodes looked at; the next decision starts behind them, so that all get their turn. */
      readonly examined: number;
    }
  /** No node may take it; the message is Kubernetes' for the PodScheduled condition and the event. */
  | { readonly kind: "unschedulable"; readonly message: string };

/**
 * Which node a pod shall run on: those that no filter refuses, the best score, and among equals one by a hash of
 * pod and node, which spreads pods and is the same each time. `from`: where to start looking.
 */
export function decidePlacement(pod: PodDemand, nodes: readonly NodeState[], from = 0): Placement {
  if (nodes.length === 0) return { kind: "unschedulable", message: "no nodes available to schedule pods" };
  const enough = nodesToFind(nodes.length);
  const feasible: NodeState[] = [];
  const refusals = new Map<string, number>();
  let examined = 0;
  for (; examined < nodes.length && feasible.length < enough; examined++) {
    const node = nodes[(from + examined) % nodes.length];
    const reasons = node && refusalOf(pod, node);
    if (node && !reasons) feasible.push(node);
    for (const reason of reasons ?? []) refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
  }
  const best = bestOf(pod, feasible);
  if (best) return { kind: "place", nodeName: best.name, examined };
  return { kind: "unschedulable", message: explain(nodes.length, refusals) };
}

/**
 * In a large cluster a part of the nodes is enough to find a good one.
 * Kubernetes: pkg/scheduler/schedule_one.go numFeasibleNodesToFind with its default percentage.
 */
export function nodesToFind(nodes: number): number {
  const least = 100;
  if (nodes < least) return nodes;
  const percent = Math.max(5, 50 - Math.floor(nodes / 125));
  return Math.max(least, Math.floor((nodes * percent) / 100));
}

function bestOf(pod: PodDemand, nodes: readonly NodeState[]): NodeState | undefined {
  if (nodes.length < 2) return nodes[0];
  const sums = scoreNodes(pod, nodes);
  let best: { node: NodeState; sum: number; tie: number } | undefined;
  nodes.forEach((node, index) => {
    const sum = sums[index] ?? 0;
    if (best && sum < best.sum) return;
    const tie = hash(`${pod.uid}/${node.name}`);
    if (!best || sum > best.sum || tie > best.tie) best = { node, sum, tie };
  });
  return best?.node;
}

/** Kubernetes: pkg/scheduler/framework/types.go FitError.Error. */
function explain(nodes: number, refusals: ReadonlyMap<string, number>): string {
  const counted = [...refusals].map(([reason, count]) => `${count} ${reason}`).sort(byCodePoint);
  return `0/${nodes} nodes are available: ${counted.join(", ")}.`;
}

const byCodePoint = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
