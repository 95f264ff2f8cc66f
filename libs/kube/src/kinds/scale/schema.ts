import type { z } from "zod";
import { is, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";

const autoscaling = (name: string) => `io.k8s.api.autoscaling.v1.${name}`;

export const scaleSchema = objectType(
  autoscaling("Scale"),
  {
    ...typedObjectShape,
    spec: objectType(autoscaling("ScaleSpec"), { replicas: may.int32 }, "How many pods there shall be.").optional(),
    status: objectType(
      autoscaling("ScaleStatus"),
      { replicas: is.int32, selector: may.string },
      "How many pods there are.",
    ).optional(),
  },
  "The number of pods of a controller, whatever its kind.",
);
export type Scale = z.infer<typeof scaleSchema>;
