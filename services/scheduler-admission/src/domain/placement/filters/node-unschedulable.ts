import { taints, toleratesAny } from "@podbus/kube";
import type { Filter } from "./filter.ts";

const reasons = ["node(s) were unschedulable"];

/** Kubernetes: pkg/scheduler/framework/plugins/nodeunschedulable. */
export const nodeUnschedulable: Filter = {
  name: "NodeUnschedulable",
  refuse(pod, node) {
    if (!node.unschedulable) return undefined;
    const tolerated = toleratesAny(pod.tolerations, { key: taints.unschedulable, effect: "NoSchedule" });
    return tolerated ? undefined : reasons;
  },
};
