import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { tolerationSchema } from "../pod/scheduling-schema.ts";

const node = (name: string) => `io.k8s.api.node.v1.${name}`;

export const runtimeClassSchema = objectType(
  node("RuntimeClass"),
  {
    ...typedObjectShape,
    handler: is.string,
    overhead: objectType(
      node("Overhead"),
      { podFixed: may.resourceList },
      "What a pod needs besides its containers.",
    ).optional(),
    scheduling: objectType(
      node("Scheduling"),
      { nodeSelector: may.stringMap, tolerations: listOf(tolerationSchema).optional() },
      "The nodes that can run pods of a class.",
    ).optional(),
  },
  "A way to run containers that pods can ask for by name.",
);
export type RuntimeClass = z.infer<typeof runtimeClassSchema>;
