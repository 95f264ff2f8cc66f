import { toleratesAny } from "@podbus/kube";
import type { Filter } from "./filter.ts";

/** Kubernetes: pkg/scheduler/framework/plugins/tainttoleration. PreferNoSchedule only counts in the score. */
export const taintToleration: Filter = {
  name: "TaintToleration",
  refuse(pod, node) {
    const taint = node.taints.find((one) => one.effect !== "PreferNoSchedule" && !toleratesAny(pod.tolerations, one));
    return taint && [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`];
  },
};
