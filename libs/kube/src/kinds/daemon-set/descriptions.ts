import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const daemonSetDescriptions: TypeDescriptions = {
  "io.k8s.api.apps.v1.DaemonSet": {
    spec: "Which pod each node shall have.",
    status: "What was seen last; only read.",
  },
  "io.k8s.api.apps.v1.DaemonSetSpec": {
    selector: "Which pods belong to it; must match the template's labels and cannot be changed.",
    template: "What its pods are made from; its nodeSelector and affinity choose the nodes.",
    updateStrategy: "How old pods are replaced by new ones.",
    minReadySeconds: "For how long a pod must be ready before it counts as available. Default: 0.",
    revisionHistoryLimit: "How many old revisions are kept to go back to. Default: 10.",
  },
  "io.k8s.api.apps.v1.DaemonSetUpdateStrategy": {
    type: "RollingUpdate (the default) or OnDelete.",
    rollingUpdate: "Only with RollingUpdate.",
  },
  "io.k8s.api.apps.v1.RollingUpdateDaemonSet": {
    maxUnavailable: "How many nodes may be without a ready pod meanwhile: a number or a percentage. Default: 1.",
    maxSurge: "How many nodes may have an old and a new pod at once: a number or a percentage. Default: 0.",
  },
  "io.k8s.api.apps.v1.DaemonSetStatus": {
    currentNumberScheduled: "How many nodes have a pod that they shall have.",
    numberMisscheduled: "How many nodes have a pod that they shall not have.",
    desiredNumberScheduled: "How many nodes shall have a pod.",
    numberReady: "On how many nodes it is ready.",
    observedGeneration: "The generation that this status belongs to.",
    updatedNumberScheduled: "On how many nodes it is made from the present template.",
    numberAvailable: "On how many nodes it has been ready for minReadySeconds.",
    numberUnavailable: "On how many nodes it is missing or not available.",
    collisionCount: "How often the name of a new revision was taken.",
    conditions: "Aspects of its state.",
  },
  "io.k8s.api.apps.v1.DaemonSetCondition": {
    type: "Which aspect.",
    status: "True, False or Unknown.",
    lastTransitionTime: "When it last changed from one status to another.",
    reason: "Why, in one word.",
    message: "Why, for people.",
  },
};
