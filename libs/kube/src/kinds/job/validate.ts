import { equalJson } from "../../json.ts";
import { labelSelectorMatches } from "../../selector/label-selector.ts";
import { type FieldError, invalid, notSupported, required, tooMany } from "../../validation/field-error.ts";
import { validateNotNegative } from "../../validation/numbers.ts";
import { immutable, validateLabelSelector } from "../../validation/object-meta.ts";
import { validatePodTemplate } from "../pod-template/validate.ts";
import type { Job, JobSpec } from "./schema.ts";

// pkg/apis/batch/validation/validation.go ValidateJob, validateJobSpec, ValidateJobSpecUpdate

const completionModes = ["NonIndexed", "Indexed"];
const replacementPolicies = ["Failed", "TerminatingOrFailed"];
const failureActions = ["Count", "FailIndex", "FailJob", "Ignore"];
const mostFailureRules = 20;

export function validateJob({ spec }: Job): FieldError[] {
  return [...validateSelector(spec, "spec"), ...validateJobSpec(spec, "spec")];
}

function validateSelector({ selector, template }: JobSpec, field: string): FieldError[] {
  if (selector === undefined) return [required(`${field}.selector`)];
  const labels = template.metadata?.labels ?? {};
  return [
    ...validateLabelSelector(selector, `${field}.selector`),
    ...(labelSelectorMatches(selector, labels)
      ? []
      : [invalid(`${field}.template.metadata.labels`, labels, "`selector` does not match template `labels`")]),
  ];
}

/** The spec alone; also for a CronJob's template, which has no selector yet. */
export function validateJobSpec(spec: JobSpec, field: string): FieldError[] {
  return [
    ...validateNumbers(spec, field),
    ...validateModes(spec, field),
    ...validateFailurePolicy(spec.podFailurePolicy, `${field}.podFailurePolicy`),
    ...validatePodTemplate(spec.template, `${field}.template`),
    ...validateRestartPolicy(spec, `${field}.template.spec.restartPolicy`),
  ];
}

function validateNumbers(spec: JobSpec, field: string): FieldError[] {
  const names = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ] as const;
  return names.flatMap((name) => validateNotNegative(spec[name], `${field}.${name}`));
}

function validateModes(spec: JobSpec, field: string): FieldError[] {
  const { completionMode: mode, completions, podReplacementPolicy: replacement } = spec;
  const indexed = mode === "Indexed";
  return [
    ...(mode === undefined || completionModes.includes(mode)
      ? []
      : [notSupported(`${field}.completionMode`, mode, completionModes)]),
    ...(indexed && completions === undefined
      ? [required(`${field}.completions`, "when completion mode is Indexed")]
      : []),
    ...(spec.backoffLimitPerIndex !== undefined && !indexed
      ? [invalid(`${field}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, "requires indexed completion mode")]
      : []),
    ...(replacement === undefined || replacementPolicies.includes(replacement)
      ? []
      : [notSupported(`${field}.podReplacementPolicy`, replacement, replacementPolicies)]),
  ];
}

function validateFailurePolicy(policy: JobSpec["podFailurePolicy"], field: string): FieldError[] {
  if (policy === undefined) return [];
  const { rules } = policy;
  return [
    ...(rules.length > mostFailureRules ? [tooMany(`${field}.rules`, rules.length, mostFailureRules)] : []),
    ...rules.flatMap(({ action, onExitCodes, onPodConditions = [] }, index) => {
      const at = `${field}.rules[${index}]`;
      const both = onExitCodes !== undefined && onPodConditions.length > 0;
      const none = onExitCodes === undefined && onPodConditions.length === 0;
      return [
        ...(failureActions.includes(action) ? [] : [notSupported(`${at}.action`, action, failureActions)]),
        ...(both
          ? [invalid(at, rules[index], "specifying both OnExitCodes and OnPodConditions is not supported")]
          : []),
        ...(none ? [invalid(at, rules[index], "specifying one of OnExitCodes and OnPodConditions is required")] : []),
      ];
    }),
  ];
}

/** "Always" is what a pod spec gets that says nothing, so it counts as nothing. */
function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  const policy = template.spec.restartPolicy;
  if (policy === undefined || policy === "" || policy === "Always") {
    return [required(field, 'valid values: "OnFailure", "Never"')];
  }
  if (policy !== "OnFailure" && policy !== "Never") return [notSupported(field, policy, ["OnFailure", "Never"])];
  return podFailurePolicy !== undefined && policy !== "Never"
    ? [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}

export function validateJobUpdate({ spec: next, ...job }: Job, { spec: previous, status }: Job): FieldError[] {
  // An indexed Job may grow and shrink, with as many pods at once as there are completions.
  const elastic = next.completionMode === "Indexed" && next.completions === next.parallelism;
  const mayReschedule = previous.suspend === true && status?.startTime === undefined;
  return [
    ...(elastic ? [] : immutable("spec.completions", next.completions, previous.completions)),
    ...immutable("spec.selector", next.selector, previous.selector),
    ...validateTemplateUpdate(next.template, previous.template, mayReschedule),
    ...immutable("spec.completionMode", next.completionMode, previous.completionMode),
    ...immutable("spec.podFailurePolicy", next.podFailurePolicy, previous.podFailurePolicy),
    ...immutable("spec.backoffLimitPerIndex", next.backoffLimitPerIndex, previous.backoffLimitPerIndex),
    ...immutable("spec.managedBy", next.managedBy, previous.managedBy),
    ...(job.metadata.uid === undefined ? [required("metadata.uid")] : []),
  ];
}

/** KEP-2926: where the pods of a Job run may be changed while it has not begun. */
function validateTemplateUpdate(
  next: JobSpec["template"],
  previous: JobSpec["template"],
  mayReschedule: boolean,
): FieldError[] {
  if (!mayReschedule) return immutable("spec.template", next, previous);
  const { nodeSelector, affinity, tolerations, schedulingGates } = next.spec;
  const placed = {
    metadata: { ...previous.metadata, labels: next.metadata?.labels, annotations: next.metadata?.annotations },
    spec: { ...previous.spec, nodeSelector, affinity, tolerations, schedulingGates },
  };
  return equalJson(clean(next), clean(placed)) ? [] : [invalid("spec.template", next, "field is immutable")];
}

/** Without keys whose value is undefined. */
const clean = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
