import type { z } from "zod";
import { objectType } from "../../schema/fields.ts";
import { deleteOptionsSchema, typedObjectShape } from "../../schema/meta.ts";

/** The body of POST pods/{name}/eviction. */
export const evictionSchema = objectType(
  "io.k8s.api.policy.v1.Eviction",
  { ...typedObjectShape, deleteOptions: deleteOptionsSchema.optional() },
  "Asks that a pod leaves its node, within its disruption budget.",
);
export type Eviction = z.infer<typeof evictionSchema>;
