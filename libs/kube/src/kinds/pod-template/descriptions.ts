import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const podTemplateDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.PodTemplateSpec": {
    metadata: "Labels, annotations and more that every pod made from the template gets.",
    spec: "What every pod made from the template shall be.",
  },
  "io.k8s.api.core.v1.PodTemplate": {
    template: "The pods that may be made from it.",
  },
};
