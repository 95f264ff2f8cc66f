import { equalJson, isJsonObject } from "../../json.ts";
import { type FieldError, forbidden, invalid } from "../../validation/field-error.ts";
import { qualifiedNameProblems } from "../../validation/formats.ts";
import type { Container } from "./container-schema.ts";
import { validateMirrorPodUpdate } from "./mirror-pod.ts";
import { validateProbePeriods } from "./probe-periods.ts";
import type { Pod, PodSpec } from "./schema.ts";
import { validateImage } from "./validate-container.ts";
import { validateTolerations } from "./validate-scheduling.ts";

// pkg/apis/core/validation/validation.go ValidatePodUpdate

const whatMayChange =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
  "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

function validateDeadline(next: PodSpec, previous: PodSpec): FieldError[] {
  const field = "spec.activeDeadlineSeconds";
  const before = previous.activeDeadlineSeconds;
  const after = next.activeDeadlineSeconds;
  if (before === undefined) return [];
  if (after === undefined) return [invalid(field, null, "must not update from a positive integer to nil value")];
  return after > before ? [invalid(field, after, "must be less than or equal to previous value")] : [];
}

/** An existing toleration stays; only its seconds may differ. New ones may come. */
function validateTolerationsUpdate(next: PodSpec, previous: PodSpec): FieldError[] {
  const kept = (previous.tolerations ?? []).every((before) =>
    (next.tolerations ?? []).some((after) =>
      equalJson({ ...after, tolerationSeconds: 0 }, { ...before, tolerationSeconds: 0 }),
    ),
  );
  const problem = "existing toleration can not be modified except its tolerationSeconds";
  return kept ? validateTolerations(next.tolerations, "spec.tolerations") : [forbidden("spec.tolerations", problem)];
}

function validateGatesUpdate(next: PodSpec, previous: PodSpec): FieldError[] {
  const before = new Set((previous.schedulingGates ?? []).map(({ name }) => name));
  return (next.schedulingGates ?? []).flatMap(({ name }, index) => {
    const problem = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return before.has(name) ? [] : [forbidden(`spec.schedulingGates[${index}].name`, problem)];
  });
}

function withImagesOf(containers: readonly Container[] | undefined, other: readonly Container[] | undefined) {
  return containers?.map((container, index) => ({ ...container, image: other?.[index]?.image }));
}

function mayShortenGrace(next: PodSpec, previous: PodSpec): boolean {
  return (previous.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1;
}

/** The new spec with everything that may change put back: it must equal the old one. */
function withoutAllowedChanges(next: PodSpec, previous: PodSpec): PodSpec {
  const containers = withImagesOf(next.containers, previous.containers) ?? [];
  const initContainers = withImagesOf(next.initContainers, previous.initContainers);
  return {
    ...next,
    containers,
    initContainers,
    activeDeadlineSeconds: previous.activeDeadlineSeconds,
    tolerations: previous.tolerations,
    schedulingGates: previous.schedulingGates,
    ...(mayShortenGrace(next, previous)
      ? { terminationGracePeriodSeconds: previous.terminationGracePeriodSeconds }
      : {}),
  };
}

/** Paths that differ, a few of them: enough to see what was changed. */
export function differingPaths(next: unknown, previous: unknown, path: string): string[] {
  if (equalJson(next, previous)) return [];
  if (Array.isArray(next) && Array.isArray(previous) && next.length === previous.length) {
    return next.flatMap((item, index) => differingPaths(item, previous[index], `${path}[${index}]`));
  }
  if (!isJsonObject(next) || !isJsonObject(previous)) return [path];
  const keys = [...new Set([...Object.keys(next), ...Object.keys(previous)])];
  return keys.flatMap((key) => differingPaths(next[key], previous[key], `${path}.${key}`));
}

function validateOtherFields(next: PodSpec, previous: PodSpec): FieldError[] {
  const paths = differingPaths(withoutAllowedChanges(next, previous), previous, "spec");
  return paths.length === 0 ? [] : [forbidden("spec", `${whatMayChange}\nchanged: ${paths.slice(0, 10).join(", ")}`)];
}

/** Beyond the metadata. */
export function validatePodUpdate(next: Pod, previous: Pod): FieldError[] {
  for (const kind of ["containers", "initContainers"] as const) {
    const sameCount = (next.spec[kind]?.length ?? 0) === (previous.spec[kind]?.length ?? 0);
    if (!sameCount) return [forbidden(`spec.${kind}`, "pod updates may not add or remove containers")];
  }
  const images = next.spec.containers.flatMap(({ image }, index) =>
    validateImage(image, `spec.containers[${index}].image`),
  );
  return [
    ...validateProbePeriods(next),
    ...validateMirrorPodUpdate(next, previous),
    ...images,
    ...validateDeadline(next.spec, previous.spec),
    ...validateGatesUpdate(next.spec, previous.spec),
    ...validateTolerationsUpdate(next.spec, previous.spec),
    ...validateOtherFields(next.spec, previous.spec),
  ];
}

/** pkg/apis/core/validation/validation.go validatePodConditions */
export function validatePodStatus({ status }: Pod): FieldError[] {
  return (status?.conditions ?? []).flatMap(({ type }, index) =>
    qualifiedNameProblems(type).map((problem) => invalid(`status.conditions[${index}].Type`, type, problem)),
  );
}
