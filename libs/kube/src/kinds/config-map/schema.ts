import type { z } from "zod";
import { may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

export const configMapSchema = objectType(
  "io.k8s.api.core.v1.ConfigMap",
  { ...typedObjectShape, immutable: may.boolean, data: may.stringMap, binaryData: may.bytesMap },
  "Configuration for pods. A key is in `data` (text) or in `binaryData` (base64).",
);
export type ConfigMap = z.infer<typeof configMapSchema>;
