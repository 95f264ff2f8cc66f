import { matchesTerm } from "@podbus/kube";
import type { Score } from "./score.ts";

/** Kubernetes: pkg/scheduler/framework/plugins/nodeaffinity Score. */
export const preferredNodeAffinity: Score = {
  name: "NodeAffinity",
  weight: 2,
  scale: "most",
  applies: (pod) => pod.preferredTerms.length > 0,
  of: (pod, node) =>
    pod.preferredTerms.reduce((sum, term) => sum + (matchesTerm(term.preference, node) ? term.weight : 0), 0),
};
