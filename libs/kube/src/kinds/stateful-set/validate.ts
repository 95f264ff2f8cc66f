import { equalJson } from "../../json.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../validation/field-error.ts";
import { validateAtMost100Percent, validateIntOrPercent, validateNotNegative } from "../../validation/numbers.ts";
import { validateSelectorAndTemplate } from "../pod-template/validate.ts";
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from "./schema.ts";

// pkg/apis/apps/validation/validation.go ValidateStatefulSetSpec, ValidateStatefulSetUpdate

export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { selector, template } = spec;
  return [
    ...validateManagement(spec.podManagementPolicy, "spec.podManagementPolicy"),
    ...validateStrategy(spec.updateStrategy ?? {}, "spec.updateStrategy"),
    ...validateRetention(spec, "spec.persistentVolumeClaimRetentionPolicy"),
    ...validateNotNegative(spec.replicas, "spec.replicas"),
    ...validateNotNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...validateNotNegative(spec.ordinals?.start, "spec.ordinals.start"),
    ...validateNotNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
    ...validateSelectorAndTemplate(
      { selector, template, emptySelectorName: "statefulset", kind: "StatefulSet" },
      "spec",
    ),
  ];
}

function validateManagement(policy: string | undefined, field: string): FieldError[] {
  if (policy === undefined || policy === "") return [required(field)];
  return policy === "OrderedReady" || policy === "Parallel"
    ? []
    : [invalid(field, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function validateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, field: string): FieldError[] {
  if (type === undefined || type === "") return [required(field)];
  if (type === "OnDelete") {
    return rollingUpdate === undefined
      ? []
      : [invalid(`${field}.rollingUpdate`, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
  }
  if (type !== "RollingUpdate") {
    return [invalid(field, { type, rollingUpdate }, "must be 'RollingUpdate' or 'OnDelete'")];
  }
  const at = `${field}.rollingUpdate`;
  return [
    ...validateNotNegative(rollingUpdate?.partition, `${at}.partition`),
    ...validateIntOrPercent(rollingUpdate?.maxUnavailable, `${at}.maxUnavailable`),
    ...(rollingUpdate?.maxUnavailable === 0 ? [invalid(`${at}.maxUnavailable`, 0, "cannot be 0")] : []),
    ...validateAtMost100Percent(rollingUpdate?.maxUnavailable, `${at}.maxUnavailable`),
  ];
}

function validateRetention({ persistentVolumeClaimRetentionPolicy: policy }: StatefulSetSpec, field: string) {
  if (policy === undefined) return [];
  return (["whenDeleted", "whenScaled"] as const).flatMap((name) => {
    const value = policy[name];
    return value === "Retain" || value === "Delete"
      ? []
      : [notSupported(`${field}.${name}`, value, ["Retain", "Delete"])];
  });
}

const changeable: readonly string[] = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] satisfies (keyof StatefulSetSpec)[];

const quoted = changeable.map((name) => `'${name}'`);
const changeableText = `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;

export function validateStatefulSetUpdate(next: StatefulSet, previous: StatefulSet): FieldError[] {
  const fixed = ({ spec }: StatefulSet) =>
    Object.fromEntries(Object.entries(spec).filter(([name]) => !changeable.includes(name)));
  if (equalJson(fixed(next), fixed(previous))) return [];
  return [forbidden("spec", `updates to statefulset spec for fields other than ${changeableText} are forbidden`)];
}
