import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const evictionDescriptions: TypeDescriptions = {
  "io.k8s.api.policy.v1.Eviction": {
    metadata: "Name and namespace of the pod.",
    deleteOptions: "How to delete the pod.",
  },
};
