import type { z } from "zod";
import { is, listBy, listOf, may, objectType } from "../../schema/fields.ts";
import { labelSelectorSchema, templateMetaSchema, typedObjectShape } from "../../schema/meta.ts";
import { podTemplateSpecSchema } from "../pod-template/schema.ts";

const batch = (name: string) => `io.k8s.api.batch.v1.${name}`;

const podFailurePolicySchema = objectType(
  batch("PodFailurePolicy"),
  {
    rules: listOf(
      objectType(
        batch("PodFailurePolicyRule"),
        {
          action: is.string,
          onExitCodes: objectType(
            batch("PodFailurePolicyOnExitCodesRequirement"),
            { containerName: may.string, operator: is.string, values: listOf(is.int32) },
            "Exit codes that a rule is for.",
          ).optional(),
          onPodConditions: listOf(
            objectType(
              batch("PodFailurePolicyOnPodConditionsPattern"),
              { type: is.string, status: is.string },
              "A condition of a pod that a rule is for.",
            ),
          ).optional(),
        },
        "What a failed pod of some kind means.",
      ),
    ),
  },
  "What a failed pod means for its Job.",
);

const successPolicySchema = objectType(
  batch("SuccessPolicy"),
  {
    rules: listOf(
      objectType(
        batch("SuccessPolicyRule"),
        { succeededIndexes: may.string, succeededCount: may.int32 },
        "Which pods must have succeeded.",
      ),
    ),
  },
  "When an indexed Job has succeeded before all its pods have.",
);

export const jobSpecSchema = objectType(
  batch("JobSpec"),
  {
    parallelism: may.int32,
    completions: may.int32,
    activeDeadlineSeconds: may.int64,
    podFailurePolicy: podFailurePolicySchema.optional(),
    successPolicy: successPolicySchema.optional(),
    backoffLimit: may.int32,
    backoffLimitPerIndex: may.int32,
    maxFailedIndexes: may.int32,
    selector: labelSelectorSchema.optional(),
    manualSelector: may.boolean,
    template: podTemplateSpecSchema,
    ttlSecondsAfterFinished: may.int32,
    completionMode: may.string,
    suspend: may.boolean,
    podReplacementPolicy: may.string,
    managedBy: may.string,
  },
  "Which pods shall run to their end, and how often.",
  { mayBeLeftOut: true },
);
export type JobSpec = z.infer<typeof jobSpecSchema>;

export const jobSchema = objectType(
  batch("Job"),
  {
    ...typedObjectShape,
    spec: jobSpecSchema,
    status: objectType(
      batch("JobStatus"),
      {
        conditions: listBy(
          "type",
          objectType(
            batch("JobCondition"),
            {
              type: is.string,
              status: is.string,
              lastProbeTime: may.time,
              lastTransitionTime: may.time,
              reason: may.string,
              message: may.string,
            },
            "One aspect of a Job's state.",
          ),
        ).optional(),
        startTime: may.time,
        completionTime: may.time,
        active: may.int32,
        succeeded: may.int32,
        failed: may.int32,
        terminating: may.int32,
        completedIndexes: may.string,
        failedIndexes: may.string,
        uncountedTerminatedPods: objectType(
          batch("UncountedTerminatedPods"),
          { succeeded: may.strings, failed: may.strings },
          "Pods that have ended and are not counted yet.",
        ).optional(),
        ready: may.int32,
      },
      "What was seen of a Job.",
    ).optional(),
  },
  "Pods that run until enough of them have succeeded.",
);
export type Job = z.infer<typeof jobSchema>;

export const jobTemplateSpecSchema = objectType(
  batch("JobTemplateSpec"),
  { metadata: templateMetaSchema.optional(), spec: jobSpecSchema },
  "What the Jobs that are made from it shall be.",
  { mayBeLeftOut: true },
);
export type JobTemplateSpec = z.infer<typeof jobTemplateSpecSchema>;
