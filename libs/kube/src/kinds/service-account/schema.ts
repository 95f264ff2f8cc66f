import type { z } from "zod";
import { listBy, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { localObjectReferenceSchema, objectReferenceSchema } from "../../schema/references.ts";

export const serviceAccountSchema = objectType(
  "io.k8s.api.core.v1.ServiceAccount",
  {
    ...typedObjectShape,
    secrets: listBy("name", objectReferenceSchema).optional(),
    imagePullSecrets: listOf(localObjectReferenceSchema).optional(),
    automountServiceAccountToken: may.boolean,
  },
  "An identity for processes in pods.",
);
export type ServiceAccount = z.infer<typeof serviceAccountSchema>;
