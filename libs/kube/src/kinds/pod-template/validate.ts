import type { LabelSelector } from "../../schema/meta.ts";
import { labelSelectorMatches } from "../../selector/label-selector.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../validation/field-error.ts";
import { validateAnnotations, validateLabelSelector, validateLabels } from "../../validation/object-meta.ts";
import { validatePodSpec } from "../pod/validate.ts";
import type { PodTemplateSpec } from "./schema.ts";

/** pkg/apis/core/validation/validation.go ValidatePodTemplateSpec */
export function validatePodTemplate({ metadata, spec }: PodTemplateSpec, field: string): FieldError[] {
  return [
    ...validateLabels(metadata?.labels, `${field}.metadata.labels`),
    ...validateAnnotations(metadata?.annotations, `${field}.metadata.annotations`),
    ...validatePodSpec(spec, `${field}.spec`),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbidden(`${field}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")]
      : []),
  ];
}

/** A controller's own spec: how its kind is named in messages, and where it stands. */
export interface SelectingSpec {
  readonly selector: LabelSelector | undefined;
  readonly template: PodTemplateSpec;
  /** As in "empty selector is invalid for deployment". */
  readonly emptySelectorName: string;
  /** As in "activeDeadlineSeconds in ReplicaSet is not Supported". */
  readonly kind: string;
}

/** What apps/v1 asks of a selector and of the template that it must choose (pkg/apis/apps/validation/validation.go). */
export function validateSelectorAndTemplate(spec: SelectingSpec, field: string): FieldError[] {
  const { selector, template, emptySelectorName, kind } = spec;
  const at = `${field}.template`;
  const labels = template.metadata?.labels ?? {};
  const mismatch = selector !== undefined && !isEmptySelector(selector) && !labelSelectorMatches(selector, labels);
  return [
    ...validateSelector(selector, emptySelectorName, `${field}.selector`),
    ...(mismatch ? [invalid(`${at}.metadata.labels`, labels, "`selector` does not match template `labels`")] : []),
    ...validatePodTemplate(template, at),
    ...validateRestartAlways(template, at),
    ...(template.spec.activeDeadlineSeconds === undefined
      ? []
      : [forbidden(`${at}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)]),
  ];
}

export function isEmptySelector({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length + (matchExpressions ?? []).length === 0;
}

function validateSelector(selector: LabelSelector | undefined, name: string, field: string): FieldError[] {
  if (selector === undefined) return [required(field)];
  return [
    ...validateLabelSelector(selector, field),
    ...(isEmptySelector(selector) ? [invalid(field, selector, `empty selector is invalid for ${name}`)] : []),
  ];
}

function validateRestartAlways({ spec }: PodTemplateSpec, field: string): FieldError[] {
  return spec.restartPolicy === "Always"
    ? []
    : [notSupported(`${field}.spec.restartPolicy`, spec.restartPolicy, ["Always"])];
}
