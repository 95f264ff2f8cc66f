import type { Subresource } from "../../resource-definition.ts";
import type { KubeObject, LabelSelector } from "../../schema/meta.ts";
import type { FieldError } from "../../validation/field-error.ts";
import { validateNotNegative } from "../../validation/numbers.ts";
import { formatLabelSelector, formatLabels } from "../pod-template/columns.ts";
import type { Scale } from "./schema.ts";

/** What all kinds with a scale have in common; ReplicationController's selector is a plain map. */
interface Scalable extends KubeObject {
  spec?: { replicas?: number | undefined; selector?: LabelSelector | Record<string, string> | undefined } | undefined;
  status?: { replicas?: number | undefined } | undefined;
}

export const scaleSubresource: Subresource = {
  name: "scale",
  verbs: ["get", "patch", "update"],
  kind: "Scale",
  group: "autoscaling",
  version: "v1",
};

/** pkg/registry/apps/<kind>/storage/storage.go scaleFrom<Kind> */
export function scaleOf(object: Scalable): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(object.spec?.selector);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: object.spec?.replicas ?? 0 },
    status: { replicas: object.status?.replicas ?? 0, ...(selector === "<none>" ? {} : { selector }) },
  };
}

function selectorText(selector: LabelSelector | Record<string, string> | undefined): string {
  const isLabelSelector = selector !== undefined && ("matchLabels" in selector || "matchExpressions" in selector);
  if (isLabelSelector) return formatLabelSelector(selector as LabelSelector);
  return formatLabels(selector as Record<string, string> | undefined);
}

/** The object with the number of pods that a Scale asks for. */
export function withScale<T extends KubeObject>(object: T, scale: Scale): T {
  const { spec } = object as Scalable;
  return { ...object, spec: { ...spec, replicas: scale.spec?.replicas ?? 0 } };
}

/** pkg/apis/autoscaling/validation/validation.go ValidateScale */
export function validateScale(scale: Scale): FieldError[] {
  return validateNotNegative(scale.spec?.replicas, "spec.replicas");
}
