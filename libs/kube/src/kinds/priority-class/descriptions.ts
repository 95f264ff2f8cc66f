import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const priorityClassDescriptions: TypeDescriptions = {
  "io.k8s.api.scheduling.v1.PriorityClass": {
    value: "The priority of pods of this class; the higher, the sooner they are placed. At most 1000000000.",
    globalDefault: "Pods that name no class are of this one. Only one class should be the default.",
    description: "When to use the class, for people.",
    preemptionPolicy:
      "Whether its pods may drive out pods of lower priority: PreemptLowerPriority (the default) or Never.",
  },
};
