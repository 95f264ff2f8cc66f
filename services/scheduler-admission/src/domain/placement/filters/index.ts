import type { NodeState } from "../cluster-state.ts";
import type { PodDemand } from "../pod-demand.ts";
import type { Filter } from "./filter.ts";
import { nodeAffinity } from "./node-affinity.ts";
import { nodePorts } from "./node-ports.ts";
import { nodeResourcesFit } from "./node-resources-fit.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { taintToleration } from "./taint-toleration.ts";

/** In the order of Kubernetes' default plugins: the first that refuses names the reason. */
export const filters: readonly Filter[] = [
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
];

/** Why the pod may not run on the node; undefined if it may. */
export function refusalOf(pod: PodDemand, node: NodeState): readonly string[] | undefined {
  for (const filter of filters) {
    const reasons = filter.refuse(pod, node);
    if (reasons) return reasons;
  }
  return undefined;
}
