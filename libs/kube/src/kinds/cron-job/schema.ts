import type { z } from "zod";
import { is, listOf, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { objectReferenceSchema } from "../../schema/references.ts";
import { jobTemplateSpecSchema } from "../job/schema.ts";

const batch = (name: string) => `io.k8s.api.batch.v1.${name}`;

export const cronJobSchema = objectType(
  batch("CronJob"),
  {
    ...typedObjectShape,
    spec: objectType(
      batch("CronJobSpec"),
      {
        schedule: is.string,
        timeZone: may.string,
        startingDeadlineSeconds: may.int64,
        concurrencyPolicy: may.string,
        suspend: may.boolean,
        jobTemplate: jobTemplateSpecSchema,
        successfulJobsHistoryLimit: may.int32,
        failedJobsHistoryLimit: may.int32,
      },
      "Which Job to make, and when.",
      { mayBeLeftOut: true },
    ),
    status: objectType(
      batch("CronJobStatus"),
      {
        active: listOf(objectReferenceSchema).optional(),
        lastScheduleTime: may.time,
        lastSuccessfulTime: may.time,
      },
      "What was seen of a CronJob.",
    ).optional(),
  },
  "Makes Jobs at given times.",
);
export type CronJob = z.infer<typeof cronJobSchema>;
