import type { z } from "zod";
import { is, listBy, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, typedObjectShape } from "../../schema/meta.ts";
import { podTemplateSpecSchema } from "../pod-template/schema.ts";

const apps = (name: string) => `io.k8s.api.apps.v1.${name}`;

export const daemonSetUpdateStrategySchema = objectType(
  apps("DaemonSetUpdateStrategy"),
  {
    type: may.string,
    rollingUpdate: objectType(
      apps("RollingUpdateDaemonSet"),
      { maxUnavailable: may.intOrString, maxSurge: may.intOrString },
      "How many nodes may be without, or with two, pods meanwhile.",
    ).optional(),
  },
  "How old pods are replaced by new ones.",
);
export type DaemonSetUpdateStrategy = z.infer<typeof daemonSetUpdateStrategySchema>;

export const daemonSetSchema = objectType(
  apps("DaemonSet"),
  {
    ...typedObjectShape,
    spec: objectType(
      apps("DaemonSetSpec"),
      {
        selector: labelSelectorSchema.optional(),
        template: podTemplateSpecSchema,
        updateStrategy: daemonSetUpdateStrategySchema.optional(),
        minReadySeconds: may.int32,
        revisionHistoryLimit: may.int32,
      },
      "Which pod each node shall have.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      apps("DaemonSetStatus"),
      {
        currentNumberScheduled: is.int32,
        numberMisscheduled: is.int32,
        desiredNumberScheduled: is.int32,
        numberReady: is.int32,
        observedGeneration: may.int64,
        updatedNumberScheduled: may.int32,
        numberAvailable: may.int32,
        numberUnavailable: may.int32,
        collisionCount: may.int32,
        conditions: listBy(
          "type",
          objectType(
            apps("DaemonSetCondition"),
            {
              type: is.string,
              status: is.string,
              lastTransitionTime: may.time,
              reason: may.string,
              message: may.string,
            },
            "One aspect of a DaemonSet's state.",
          ),
        ).optional(),
      },
      "What was seen of a DaemonSet.",
    ).optional(),
  },
  "One pod on every node, or on some of them.",
);
export type DaemonSet = z.infer<typeof daemonSetSchema>;
