import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn, orNone } from "../../table/columns.ts";
import { ageOf } from "../../table/human-duration.ts";
import { type FieldError, invalid, notSupported, required } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { validateNotNegative } from "../../validation/numbers.ts";
import { validateJobSpec } from "../job/validate.ts";
import { containerColumns, formatLabelSelector, selectorColumn } from "../pod-template/columns.ts";
import { defaultPodTemplate } from "../pod-template/defaults.ts";
import { scheduleProblem } from "./schedule.ts";
import { type CronJob, cronJobSchema } from "./schema.ts";

const concurrencyPolicies = ["Allow", "Forbid", "Replace"];

/** Jobs get eleven more characters for the time, and have 63 in all (batch/validation ValidateCronJobCreate). */
const longestName = 52;

/** pkg/apis/batch/v1/defaults.go SetDefaults_CronJob */
function defaultCronJob(object: CronJob): CronJob {
  const { spec } = object;
  const { jobTemplate } = spec;
  return {
    ...object,
    spec: {
      ...spec,
      concurrencyPolicy: spec.concurrencyPolicy ?? "Allow",
      suspend: spec.suspend ?? false,
      successfulJobsHistoryLimit: spec.successfulJobsHistoryLimit ?? 3,
      failedJobsHistoryLimit: spec.failedJobsHistoryLimit ?? 1,
      jobTemplate: {
        ...jobTemplate,
        spec: { ...jobTemplate.spec, template: defaultPodTemplate(jobTemplate.spec.template) },
      },
    },
  };
}

/** pkg/apis/batch/validation/validation.go validateCronJobSpec */
function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const { concurrencyPolicy: policy } = spec;
  return [
    ...validateSchedule(spec.schedule, "spec.schedule"),
    ...validateNotNegative(spec.startingDeadlineSeconds, "spec.startingDeadlineSeconds"),
    ...validateTimeZone(spec.timeZone, "spec.timeZone"),
    ...(policy !== undefined && concurrencyPolicies.includes(policy)
      ? []
      : [
          policy
            ? notSupported("spec.concurrencyPolicy", policy, concurrencyPolicies)
            : required("spec.concurrencyPolicy"),
        ]),
    ...validateJobSpec(spec.jobTemplate.spec, "spec.jobTemplate.spec"),
    ...validateNotNegative(spec.successfulJobsHistoryLimit, "spec.successfulJobsHistoryLimit"),
    ...validateNotNegative(spec.failedJobsHistoryLimit, "spec.failedJobsHistoryLimit"),
    ...(metadata.name.length > longestName
      ? [invalid("metadata.name", metadata.name, `must be no more than ${longestName} characters`)]
      : []),
  ];
}

function validateSchedule(schedule: string, field: string): FieldError[] {
  if (schedule === "") return [required(field)];
  if (schedule.includes("TZ")) {
    return [invalid(field, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead")];
  }
  const problem = scheduleProblem(schedule);
  return problem === undefined ? [] : [invalid(field, schedule, problem)];
}

function validateTimeZone(zone: string | undefined, field: string): FieldError[] {
  if (zone === undefined) return [];
  if (zone === "") return [invalid(field, zone, "timeZone must be nil or non-empty string")];
  if (zone.toLowerCase() === "local") {
    return [
      invalid(field, zone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"),
    ];
  }
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return [];
  } catch {
    // The one way to ask whether there is such a zone.
    return [invalid(field, zone, `unknown time zone ${zone}`)];
  }
}

export const cronJobs = defineResource<CronJob>({
  group: "batch",
  kind: "CronJob",
  plural: "cronjobs",
  shortNames: ["cj"],
  categories: ["all"],
  namespaced: true,
  subresources: [statusSubresource],
  schema: cronJobSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  defaults: defaultCronJob,
  validate: validateCronJob,
  initialStatus: () => ({}),
  columns: [
    nameColumn,
    { name: "Schedule", type: "string", description: "When it makes Jobs.", cell: ({ spec }) => spec.schedule },
    {
      name: "Timezone",
      type: "string",
      description: "Where the schedule's clock stands.",
      cell: ({ spec }) => orNone(spec.timeZone),
    },
    {
      name: "Suspend",
      type: "boolean",
      description: "Whether it is held back.",
      cell: ({ spec }) => (spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False"),
    },
    {
      name: "Active",
      type: "integer",
      description: "How many of its Jobs run.",
      cell: ({ status }) => status?.active?.length ?? 0,
    },
    {
      name: "Last Schedule",
      type: "string",
      description: "How long ago it made the last Job.",
      cell: ({ status }, now) =>
        status?.lastScheduleTime === undefined ? "<none>" : ageOf(status.lastScheduleTime, now),
    },
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template),
    selectorColumn(({ spec }) => formatLabelSelector(spec.jobTemplate.spec.selector)),
  ],
});
