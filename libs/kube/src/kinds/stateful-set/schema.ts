import type { z } from "zod";
import { is, listBy, listOf, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, templateMetaSchema, typedObjectShape } from "../../schema/meta.ts";
import { persistentVolumeClaimSpecSchema } from "../pod/volume-schema.ts";
import { podTemplateSpecSchema } from "../pod-template/schema.ts";

const apps = (name: string) => `io.k8s.api.apps.v1.${name}`;
const core = (name: string) => `io.k8s.api.core.v1.${name}`;

/** Claims are not a kind of podbus yet; a StatefulSet only carries their templates. */
const persistentVolumeClaimSchema = objectType(
  core("PersistentVolumeClaim"),
  {
    apiVersion: may.string,
    kind: may.string,
    metadata: templateMetaSchema.optional(),
    spec: persistentVolumeClaimSpecSchema.optional(),
    status: objectType(
      core("PersistentVolumeClaimStatus"),
      { phase: may.string, accessModes: may.strings, capacity: may.resourceList },
      "What was seen of a claim.",
    ).optional(),
  },
  "A request for storage.",
);

export const statefulSetUpdateStrategySchema = objectType(
  apps("StatefulSetUpdateStrategy"),
  {
    type: may.string,
    rollingUpdate: objectType(
      apps("RollingUpdateStatefulSetStrategy"),
      { partition: may.int32, maxUnavailable: may.intOrString },
      "Which pods a rolling update replaces.",
    ).optional(),
  },
  "How old pods are replaced by new ones.",
);
export type StatefulSetUpdateStrategy = z.infer<typeof statefulSetUpdateStrategySchema>;

export const statefulSetSpecSchema = objectType(
  apps("StatefulSetSpec"),
  {
    replicas: may.int32,
    selector: labelSelectorSchema.optional(),
    template: podTemplateSpecSchema,
    volumeClaimTemplates: listOf(persistentVolumeClaimSchema).optional(),
    serviceName: is.string,
    podManagementPolicy: may.string,
    updateStrategy: statefulSetUpdateStrategySchema.optional(),
    revisionHistoryLimit: may.int32,
    minReadySeconds: may.int32,
    persistentVolumeClaimRetentionPolicy: objectType(
      apps("StatefulSetPersistentVolumeClaimRetentionPolicy"),
      { whenDeleted: may.string, whenScaled: may.string },
      "What becomes of the claims of pods that go.",
    ).optional(),
    ordinals: objectType(apps("StatefulSetOrdinals"), { start: is.int32 }, "How pods are numbered.").optional(),
  },
  "Which pods there shall be, how many, and what storage each has.",
  { mayBeLeftOut: true },
);
export type StatefulSetSpec = z.infer<typeof statefulSetSpecSchema>;

export const statefulSetSchema = objectType(
  apps("StatefulSet"),
  {
    ...typedObjectShape,
    spec: statefulSetSpecSchema,
    status: objectType(
      apps("StatefulSetStatus"),
      {
        observedGeneration: may.int64,
        replicas: is.int32,
        readyReplicas: may.int32,
        currentReplicas: may.int32,
        updatedReplicas: may.int32,
        currentRevision: may.string,
        updateRevision: may.string,
        collisionCount: may.int32,
        conditions: listBy(
          "type",
          objectType(
            apps("StatefulSetCondition"),
            {
              type: is.string,
              status: is.string,
              lastTransitionTime: may.time,
              reason: may.string,
              message: may.string,
            },
            "One aspect of a StatefulSet's state.",
          ),
        ).optional(),
        availableReplicas: is.int32,
      },
      "What was seen of a StatefulSet.",
    ).optional(),
  },
  "Pods with names, network identities and storage that stay the same.",
);
export type StatefulSet = z.infer<typeof statefulSetSchema>;
