import { toleratesAny } from "@podbus/kube";
import type { Score } from "./score.ts";

/** Few untolerated PreferNoSchedule taints. Kubernetes: pkg/scheduler/framework/plugins/tainttoleration Score. */
export const preferredTaints: Score = {
  name: "TaintToleration",
  weight: 3,
  scale: "fewest",
  applies: (_pod, nodes) => nodes.some((node) => node.taints.some((taint) => taint.effect === "PreferNoSchedule")),
  of: (pod, node) =>
    node.taints.filter((taint) => taint.effect === "PreferNoSchedule" && !toleratesAny(pod.tolerations, taint)).length,
};
