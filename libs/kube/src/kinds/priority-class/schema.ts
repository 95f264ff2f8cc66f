import type { z } from "zod";
import { is, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

export const priorityClassSchema = objectType(
  "io.k8s.api.scheduling.v1.PriorityClass",
  {
    ...typedObjectShape,
    value: is.int32,
    globalDefault: may.boolean,
    description: may.string,
    preemptionPolicy: may.stringOrEmpty,
  },
  "A name for how much a pod matters when there is not room for all.",
);
export type PriorityClass = z.infer<typeof priorityClassSchema>;
