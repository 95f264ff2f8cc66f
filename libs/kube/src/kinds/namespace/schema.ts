import type { z } from "zod";
import { is, listBy, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const namespaceSchema = objectType(
  core("Namespace"),
  {
    ...typedObjectShape,
    spec: objectType(core("NamespaceSpec"), { finalizers: may.strings }).optional(),
    status: objectType(core("NamespaceStatus"), {
      phase: may.string,
      conditions: listBy(
        "type",
        objectType(core("NamespaceCondition"), {
          type: is.string,
          status: is.string,
          lastTransitionTime: may.time,
          reason: may.string,
          message: may.string,
        }),
      ).optional(),
    }).optional(),
  },
  "A scope for names.",
);
export type Namespace = z.infer<typeof namespaceSchema>;
