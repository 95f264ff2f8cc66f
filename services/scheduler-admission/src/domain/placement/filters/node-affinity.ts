import { meetsRequirement } from "@podbus/kube";
import type { Filter } from "./filter.ts";

const reasons = ["node(s) didn't match Pod's node affinity/selector"];

/** nodeSelector and required node affinity. Kubernetes: pkg/scheduler/framework/plugins/nodeaffinity. */
export const nodeAffinity: Filter = {
  name: "NodeAffinity",
  refuse: (pod, node) => (meetsRequirement(pod, node) ? undefined : reasons),
};
