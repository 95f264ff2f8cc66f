import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const scaleDescriptions: TypeDescriptions = {
  "io.k8s.api.autoscaling.v1.Scale": {
    spec: "How many pods there shall be.",
    status: "How many pods there are.",
  },
  "io.k8s.api.autoscaling.v1.ScaleSpec": { replicas: "How many pods are wanted." },
  "io.k8s.api.autoscaling.v1.ScaleStatus": {
    replicas: "How many pods were seen last.",
    selector: "Which pods are counted, as a label selector in its text form.",
  },
};
