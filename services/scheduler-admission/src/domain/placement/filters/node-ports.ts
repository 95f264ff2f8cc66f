import type { Filter } from "./filter.ts";

const reasons = ["node(s) didn't have free ports for the requested pod ports"];

/** Kubernetes: pkg/scheduler/framework/plugins/nodeports. */
export const nodePorts: Filter = {
  name: "NodePorts",
  refuse: (pod, node) => (node.hostPorts.conflicts(pod.hostPorts) ? reasons : undefined),
};
