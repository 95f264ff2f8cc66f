import type { z } from "zod";
import { is, listBy, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { podTemplateSpecSchema } from "../pod-template/schema.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const replicationControllerSchema = objectType(
  core("ReplicationController"),
  {
    ...typedObjectShape,
    spec: objectType(
      core("ReplicationControllerSpec"),
      {
        replicas: may.int32,
        minReadySeconds: may.int32,
        selector: may.stringMap,
        template: podTemplateSpecSchema.optional(),
      },
      "Which pods there shall be, and how many.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      core("ReplicationControllerStatus"),
      {
        replicas: is.int32,
        fullyLabeledReplicas: may.int32,
        readyReplicas: may.int32,
        availableReplicas: may.int32,
        observedGeneration: may.int64,
        conditions: listBy(
          "type",
          objectType(
            core("ReplicationControllerCondition"),
            {
              type: is.string,
              status: is.string,
              lastTransitionTime: may.time,
              reason: may.string,
              message: may.string,
            },
            "One aspect of a ReplicationController's state.",
          ),
        ).optional(),
      },
      "What was seen of a ReplicationController.",
    ).optional(),
  },
  "Keeps a number of equal pods running; the elder form of a ReplicaSet.",
);
export type ReplicationController = z.infer<typeof replicationControllerSchema>;
