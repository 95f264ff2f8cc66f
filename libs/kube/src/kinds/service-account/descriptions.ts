import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const serviceAccountDescriptions: TypeDescriptions = {
  "io.k8s.api.core.v1.ServiceAccount": {
    secrets: "Secrets that pods of this account may use.",
    imagePullSecrets: "Secrets to pull images with, for pods of this account that name none themselves.",
    automountServiceAccountToken: "Whether pods of this account get its token mounted; a pod's own field goes first.",
  },
};
