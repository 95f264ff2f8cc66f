import type { z } from "zod";
import { may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

export const secretSchema = objectType(
  "io.k8s.api.core.v1.Secret",
  {
    ...typedObjectShape,
    immutable: may.boolean,
    data: may.bytesMap,
    stringData: may.stringMap,
    type: may.string,
  },
  "Values that are not for everyone. `data` is base64; `stringData` is only written, and ends up in `data`.",
);
export type Secret = z.infer<typeof secretSchema>;
