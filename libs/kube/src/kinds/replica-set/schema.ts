import type { z } from "zod";
import { is, listBy, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, typedObjectShape } from "../../schema/meta.ts";
import { podTemplateSpecSchema } from "../pod-template/schema.ts";

const apps = (name: string) => `io.k8s.api.apps.v1.${name}`;

export const replicaSetSchema = objectType(
  apps("ReplicaSet"),
  {
    ...typedObjectShape,
    spec: objectType(
      apps("ReplicaSetSpec"),
      {
        replicas: may.int32,
        minReadySeconds: may.int32,
        selector: labelSelectorSchema.optional(),
        template: podTemplateSpecSchema,
      },
      "Which pods there shall be, and how many.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      apps("ReplicaSetStatus"),
      {
        replicas: is.int32,
        fullyLabeledReplicas: may.int32,
        readyReplicas: may.int32,
        availableReplicas: may.int32,
        terminatingReplicas: may.int32,
        observedGeneration: may.int64,
        conditions: listBy(
          "type",
          objectType(
            apps("ReplicaSetCondition"),
            {
              type: is.string,
              status: is.string,
              lastTransitionTime: may.time,
              reason: may.string,
              message: may.string,
            },
            "One aspect of a ReplicaSet's state.",
          ),
        ).optional(),
      },
      "What was seen of a ReplicaSet.",
    ).optional(),
  },
  "Keeps a number of equal pods running.",
);
export type ReplicaSet = z.infer<typeof replicaSetSchema>;
