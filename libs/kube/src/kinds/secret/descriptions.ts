import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const secretDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.Secret": {
    immutable: "Whether the data is never to change. Once true it stays true.",
    data: "Keys with bytes, in base64.",
    stringData: "Keys with text, for writing: the server moves them into data and never shows them.",
    type: "What the secret is for, such as kubernetes.io/tls; some types need certain keys. Default: Opaque.",
  },
};
