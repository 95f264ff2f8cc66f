import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const configMapDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.ConfigMap": {
    immutable: "Whether the data is never to change. Once true it stays true.",
    data: "Keys with text.",
    binaryData: "Keys with bytes, in base64.",
  },
};
