import type { Filter } from "./filter.ts";

/** Kubernetes: pkg/scheduler/framework/plugins/noderesources/fit.go fitsRequest. */
export const nodeResourcesFit: Filter = {
  name: "NodeResourcesFit",
  refuse(pod, node) {
    let reasons: string[] | undefined;
    if (node.podCount + 1 > (node.allocatable.get("pods") ?? 0)) reasons = ["Too many pods"];
    for (const [resource, amount] of pod.requests) {
      if (amount === 0) continue;
      const free = (node.allocatable.get(resource) ?? 0) - (node.requested.get(resource) ?? 0);
      if (amount > free) reasons = [...(reasons ?? []), `Insufficient ${resource}`];
    }
    return reasons;
  },
};
