import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const runtimeClassDescriptions: TypeDescriptions = {
  "io.k8s.api.node.v1.RuntimeClass": {
    handler: "The name by which a node's container runtime knows this way of running. It cannot be changed.",
    overhead: "What a pod of this class needs besides its containers.",
    scheduling: "Which nodes have the handler. Without it, all of them.",
  },
  "io.k8s.api.node.v1.Overhead": {
    podFixed: "The same amount for each pod, by resource.",
  },
  "io.k8s.api.node.v1.Scheduling": {
    nodeSelector: "Labels that a node must have; they are added to the pod's own.",
    tolerations: "Taints that pods of this class bear; they are added to the pod's own.",
  },
};
