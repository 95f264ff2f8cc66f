import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const deploymentDescriptions: TypeDescriptions = {
  "io.k8s.api.apps.v1.Deployment": {
    spec: "Which pods there shall be, how many, and how they are replaced.",
    status: "What was seen last; only read.",
  },
  "io.k8s.api.apps.v1.DeploymentSpec": {
    replicas: "How many pods there shall be. Default: 1.",
    selector: "Which pods belong to it; must match the template's labels and cannot be changed.",
    template: "What its pods are made from. Their restartPolicy is Always.",
    strategy: "How old pods are replaced by new ones.",
    minReadySeconds: "For how long a pod must be ready before it counts as available. Default: 0.",
    revisionHistoryLimit: "How many old ReplicaSets are kept to go back to. Default: 10.",
    paused: "True holds back the replacement of pods.",
    progressDeadlineSeconds: "After so long without progress the Deployment counts as failed. Default: 600.",
  },
  "io.k8s.api.apps.v1.DeploymentStrategy": {
    type: "RollingUpdate (the default) or Recreate.",
    rollingUpdate: "Only with RollingUpdate.",
  },
  "io.k8s.api.apps.v1.RollingUpdateDeployment": {
    maxUnavailable: "How many pods may be missing meanwhile: a number, or a percentage, rounded down. Default: 25%.",
    maxSurge: "How many pods there may be beyond those wanted: a number, or a percentage, rounded up. Default: 25%.",
  },
  "io.k8s.api.apps.v1.DeploymentStatus": {
    observedGeneration: "The generation that this status belongs to.",
    replicas: "How many pods there are.",
    updatedReplicas: "How many pods are made from the present template.",
    readyReplicas: "How many pods are ready.",
    availableReplicas: "How many pods have been ready for minReadySeconds.",
    unavailableReplicas: "How many pods are still missing.",
    terminatingReplicas: "How many pods are ending.",
    conditions: "Aspects of its state.",
    collisionCount: "How often the name of a new ReplicaSet was taken.",
  },
  "io.k8s.api.apps.v1.DeploymentCondition": {
    type: "Available, Progressing or ReplicaFailure.",
    status: "True, False or Unknown.",
    lastUpdateTime: "When it was last written.",
    lastTransitionTime: "When it last changed from one status to another.",
    reason: "Why, in one word.",
    message: "Why, for people.",
  },
};
