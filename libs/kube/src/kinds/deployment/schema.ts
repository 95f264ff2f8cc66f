import type { z } from "zod";
import { is, listBy, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, typedObjectShape } from "../../schema/meta.ts";
import { podTemplateSpecSchema } from "../pod-template/schema.ts";

const apps = (name: string) => `io.k8s.api.apps.v1.${name}`;

export const deploymentStrategySchema = objectType(
  apps("DeploymentStrategy"),
  {
    type: may.string,
    rollingUpdate: objectType(
      apps("RollingUpdateDeployment"),
      { maxUnavailable: may.intOrString, maxSurge: may.intOrString },
      "How far a rolling update may depart from the number of pods that is wanted.",
    ).optional(),
  },
  "How old pods are replaced by new ones.",
);
export type DeploymentStrategy = z.infer<typeof deploymentStrategySchema>;

export const deploymentSchema = objectType(
  apps("Deployment"),
  {
    ...typedObjectShape,
    spec: objectType(
      apps("DeploymentSpec"),
      {
        replicas: may.int32,
        selector: labelSelectorSchema.optional(),
        template: podTemplateSpecSchema,
        strategy: deploymentStrategySchema.optional(),
        minReadySeconds: may.int32,
        revisionHistoryLimit: may.int32,
        paused: may.boolean,
        progressDeadlineSeconds: may.int32,
      },
      "Which pods there shall be, how many, and how they are replaced.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      apps("DeploymentStatus"),
      {
        observedGeneration: may.int64,
        replicas: may.int32,
        updatedReplicas: may.int32,
        readyReplicas: may.int32,
        availableReplicas: may.int32,
        unavailableReplicas: may.int32,
        terminatingReplicas: may.int32,
        conditions: listBy(
          "type",
          objectType(
            apps("DeploymentCondition"),
            {
              type: is.string,
              status: is.string,
              lastUpdateTime: may.time,
              lastTransitionTime: may.time,
              reason: may.string,
              message: may.string,
            },
            "One aspect of a Deployment's state.",
          ),
        ).optional(),
        collisionCount: may.int32,
      },
      "What was seen of a Deployment.",
    ).optional(),
  },
  "Equal pods that are replaced step by step when their template changes.",
);
export type Deployment = z.infer<typeof deploymentSchema>;
