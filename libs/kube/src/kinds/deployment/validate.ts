import { type FieldError, forbidden, invalid, notSupported, required } from "../../validation/field-error.ts";
import {
  isZero,
  validateAtMost100Percent,
  validateIntOrPercent,
  validateNotNegative,
} from "../../validation/numbers.ts";
import { validateSelectorAndTemplate } from "../pod-template/validate.ts";
import type { Deployment, DeploymentStrategy } from "./schema.ts";

// pkg/apis/apps/validation/validation.go ValidateDeploymentSpec, ValidateDeploymentStrategy

export function validateDeployment({ spec }: Deployment): FieldError[] {
  const { selector, template, progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  return [
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateSelectorAndTemplate({ selector, template, emptySelectorName: "deployment", kind: "ReplicaSet" }, "spec"),
    ...validateStrategy(spec.strategy ?? {}, "spec.strategy"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
    ...validateNotNegative(deadline, "spec.progressDeadlineSeconds"),
    ...(deadline !== undefined && deadline <= minReadySeconds
      ? [invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")]
      : []),
  ];
}

function validateStrategy({ type, rollingUpdate }: DeploymentStrategy, field: string): FieldError[] {
  if (type === "Recreate") {
    return rollingUpdate === undefined
      ? []
      : [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
  }
  if (type !== "RollingUpdate") return [notSupported(`${field}.type`, type, ["Recreate", "RollingUpdate"])];
  if (rollingUpdate === undefined) {
    return [required(`${field}.rollingUpdate`, "this should be defaulted and never be nil")];
  }
  return validateRollingUpdate(rollingUpdate, `${field}.rollingUpdate`);
}

function validateRollingUpdate(
  { maxUnavailable, maxSurge }: NonNullable<DeploymentStrategy["rollingUpdate"]>,
  field: string,
): FieldError[] {
  return [
    ...validateIntOrPercent(maxUnavailable, `${field}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${field}.maxSurge`),
    ...(isZero(maxUnavailable) && isZero(maxSurge)
      ? [invalid(`${field}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0")]
      : []),
    ...validateAtMost100Percent(maxUnavailable, `${field}.maxUnavailable`),
  ];
}
