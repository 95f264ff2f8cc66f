import { parseTime } from "../../decode/time.ts";
import { defineResource, statusSubresource } from "../../define-resource.ts";
import { ageColumn, nameColumn } from "../../table/columns.ts";
import { humanDuration } from "../../table/human-duration.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { containerColumns, formatLabelSelector, selectorColumn } from "../pod-template/columns.ts";
import { defaultPodTemplate } from "../pod-template/defaults.ts";
import { withGeneratedSelector } from "./generated-selector.ts";
import { type Job, type JobSpec, jobSchema } from "./schema.ts";
import { validateJob, validateJobUpdate } from "./validate.ts";

/** math.MaxInt32: with a limit for each index there is none for the whole Job. */
const noBackoffLimit = 2 ** 31 - 1;

/** pkg/apis/batch/v1/defaults.go SetDefaults_Job */
function defaultJob(job: Job): Job {
  const { metadata, spec } = job;
  const labels = spec.template.metadata?.labels;
  return {
    ...job,
    metadata: { ...metadata, ...(metadata.labels === undefined && labels ? { labels } : {}) },
    spec: {
      ...spec,
      ...defaultCounts(spec),
      backoffLimit: spec.backoffLimit ?? (spec.backoffLimitPerIndex === undefined ? 6 : noBackoffLimit),
      completionMode: spec.completionMode ?? "NonIndexed",
      suspend: spec.suspend ?? false,
      manualSelector: spec.manualSelector ?? false,
      podReplacementPolicy:
        spec.podReplacementPolicy ?? (spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed"),
      template: defaultPodTemplate(spec.template),
    },
  };
}

/** One pod, once; or as many at once as are said, until one has succeeded. */
function defaultCounts({ completions, parallelism }: JobSpec): Pick<JobSpec, "completions" | "parallelism"> {
  if (completions === undefined && parallelism === undefined) return { completions: 1, parallelism: 1 };
  return { parallelism: parallelism ?? 1 };
}

function hasCondition({ status }: Job, type: string): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === "True") === true;
}

// pkg/printers/internalversion/printers.go printJob

function statusText(job: Job): string {
  if (hasCondition(job, "Complete")) return "Complete";
  if (hasCondition(job, "Failed")) return "Failed";
  if (job.metadata.deletionTimestamp !== undefined) return "Terminating";
  const condition = ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find((type) => hasCondition(job, type));
  return condition ?? "Running";
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const atOnce = spec.parallelism ?? 0;
  return atOnce > 1 ? `${succeeded}/1 of ${atOnce}` : `${succeeded}/1`;
}

function durationText({ status }: Job, now: number): string {
  const started = parseTime(status?.startTime ?? "");
  if (started === undefined) return "";
  return humanDuration((parseTime(status?.completionTime ?? "") ?? now) - started);
}

export const jobs = defineResource<Job>({
  group: "batch",
  kind: "Job",
  plural: "jobs",
  categories: ["all"],
  namespaced: true,
  subresources: [statusSubresource],
  schema: jobSchema,
  nameProblems: dnsSubdomainProblems,
  countsGeneration: true,
  defaults: defaultJob,
  prepare: (job, previous) => (previous === undefined ? withGeneratedSelector(job) : job),
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  initialStatus: () => ({}),
  selectableFields: ({ status }) => ({ "status.successful": String(status?.succeeded ?? 0) }),
  columns: [
    nameColumn,
    { name: "Status", type: "string", description: "What has become of it.", cell: statusText },
    {
      name: "Completions",
      type: "string",
      description: "How many pods have succeeded, of how many that must.",
      cell: completionsText,
    },
    { name: "Duration", type: "string", description: "How long it has run.", cell: durationText },
    ageColumn,
    ...containerColumns<Job>(({ spec }) => spec.template),
    selectorColumn(({ spec }) => formatLabelSelector(spec.selector)),
  ],
});
