import type { TypeDescriptions } from "../../schema/descriptions.ts";

export const cronJobDescriptions: TypeDescriptions = {
  "io.k8s.api.batch.v1.CronJob": {
    spec: "Which Job to make, and when.",
    status: "What was seen last; only read.",
  },
  "io.k8s.api.batch.v1.CronJobSpec": {
    schedule: 'When to make a Job, in cron\'s form: "*/5 * * * *".',
    timeZone: "Where the schedule's clock stands, as Europe/Berlin. Default: the controller's own zone.",
    startingDeadlineSeconds: "A Job that could not be made in time is given up after so long.",
    concurrencyPolicy: "While an earlier Job still runs: Allow (the default), Forbid or Replace.",
    suspend: "True holds back further Jobs. Default: false.",
    jobTemplate: "What its Jobs are made from.",
    successfulJobsHistoryLimit: "How many Jobs that succeeded are kept. Default: 3.",
    failedJobsHistoryLimit: "How many Jobs that failed are kept. Default: 1.",
  },
  "io.k8s.api.batch.v1.CronJobStatus": {
    active: "The Jobs that run.",
    lastScheduleTime: "When it made the last Job.",
    lastSuccessfulTime: "When a Job of it last succeeded.",
  },
};
