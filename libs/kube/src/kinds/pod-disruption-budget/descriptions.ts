import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const podDisruptionBudgetDescriptions: TypeDescriptions = {
  "io.k8s.api.policy.v1.PodDisruptionBudget": {
    spec: "How many of which pods may be missing.",
    status: "What was seen last; only read.",
  },
  "io.k8s.api.policy.v1.PodDisruptionBudgetSpec": {
    minAvailable: "How many of the pods must stay: a number or a percentage. Not together with maxUnavailable.",
    selector: "Which pods the budget is for. Empty: all pods of the namespace.",
    maxUnavailable: "How many of the pods may be missing: a number or a percentage. Not together with minAvailable.",
    unhealthyPodEvictionPolicy: "When pods that are not ready may go: IfHealthyBudget (the default) or AlwaysAllow.",
  },
  "io.k8s.api.policy.v1.PodDisruptionBudgetStatus": {
    observedGeneration: "The generation that this status belongs to.",
    disruptedPods: "Pods that are about to be deleted by an eviction, and since when.",
    disruptionsAllowed: "How many pods may be disrupted now.",
    currentHealthy: "How many pods are healthy.",
    desiredHealthy: "How many healthy pods there must be.",
    expectedPods: "How many pods the budget counts with.",
    conditions: "Aspects of its state.",
  },
  "io.k8s.apimachinery.pkg.apis.meta.v1.Condition": {
    type: "Which aspect.",
    status: "True, False or Unknown.",
    observedGeneration: "The generation that it belongs to.",
    lastTransitionTime: "When it last changed from one status to another.",
    reason: "Why, in one word.",
    message: "Why, for people.",
  },
};
