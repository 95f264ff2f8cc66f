import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const replicaSetDescriptions: TypeDescriptions = {
  "io.k8s.api.apps.v1.ReplicaSet": {
    spec: "Which pods there shall be, and how many.",
    status: "What was seen last; only read.",
  },
  "io.k8s.api.apps.v1.ReplicaSetSpec": {
    replicas: "How many pods there shall be. Default: 1.",
    minReadySeconds: "For how long a pod must be ready before it counts as available. Default: 0.",
    selector: "Which pods belong to it; must match the template's labels and cannot be changed.",
    template: "What its pods are made from.",
  },
  "io.k8s.api.apps.v1.ReplicaSetStatus": {
    replicas: "How many pods there are.",
    fullyLabeledReplicas: "How many pods have all labels of the template.",
    readyReplicas: "How many pods are ready.",
    availableReplicas: "How many pods have been ready for minReadySeconds.",
    terminatingReplicas: "How many pods are ending.",
    observedGeneration: "The generation that this status belongs to.",
    conditions: "Aspects of its state.",
  },
  "io.k8s.api.apps.v1.ReplicaSetCondition": {
    type: "Which aspect.",
    status: "True, False or Unknown.",
    lastTransitionTime: "When it last changed from one status to another.",
    reason: "Why, in one word.",
    message: "Why, for people.",
  },
};
