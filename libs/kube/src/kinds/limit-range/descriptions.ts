import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const limitRangeDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.LimitRange": { spec: "The bounds." },
  "io.k8s.api.core.v1.LimitRangeSpec": { limits: "The bounds, each for one type of object." },
  "io.k8s.api.core.v1.LimitRangeItem": {
    type: "What is bounded: Pod, Container or PersistentVolumeClaim.",
    max: "The most that may be asked for, by resource.",
    min: "The least that may be asked for, by resource.",
    default: "The limit of a container that sets none, by resource.",
    defaultRequest: "The request of a container that makes none, by resource.",
    maxLimitRequestRatio: "How many times its request a limit may be, by resource.",
  },
};
