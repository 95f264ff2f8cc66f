import { matchesTerm } from "../node-selector-terms.ts";
import type { Filter } from "./filter.ts";

const reasons = ["node(s) didn't match Pod's node affinity/selector"];

/** nodeSelector and required node affinity. Kubernetes: pkg/scheduler/framework/plugins/nodeaffinity. */
export const nodeAffinity: Filter = {
  name: "NodeAffinity",
  refuse({ nodeSelector, requiredTerms }, node) {
    const selected = nodeSelector.every(([key, value]) => node.labels[key] === value);
    const matched = requiredTerms === undefined || requiredTerms.some((term) => matchesTerm(term, node));
    return selected && matched ? undefined : reasons;
  },
};
