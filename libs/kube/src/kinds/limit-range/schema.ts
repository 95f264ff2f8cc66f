import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

const limitRangeItemSchema = objectType(
  core("LimitRangeItem"),
  {
    type: is.string,
    max: may.resourceList,
    min: may.resourceList,
    default: may.resourceList,
    defaultRequest: may.resourceList,
    maxLimitRequestRatio: may.resourceList,
  },
  "Bounds for one type of object.",
);
export type LimitRangeItem = z.infer<typeof limitRangeItemSchema>;

export const limitRangeSchema = objectType(
  core("LimitRange"),
  {
    ...typedObjectShape,
    spec: objectType(core("LimitRangeSpec"), { limits: listOf(limitRangeItemSchema) }, "The bounds.", {
      mayBeLeftOut: true,
    }),
  },
  "Bounds for what each pod, container or claim of a namespace may ask for.",
);
export type LimitRange = z.infer<typeof limitRangeSchema>;
