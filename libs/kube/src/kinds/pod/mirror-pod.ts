import { annotations } from "../../constants.ts";
import type { KubeObject } from "../../schema/meta.ts";
import { type FieldError, forbidden, invalid } from "../../validation/field-error.ts";
import type { Pod } from "./schema.ts";

const path = `metadata.annotations[${annotations.configMirror}]`;

/** Whether the object only shows a static pod, which its node runs whatever the API says. */
export function isMirrorPod({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[annotations.configMirror] !== undefined;
}

/** pkg/apis/core/validation/validation.go ValidatePodSpecificAnnotations */
export function validateMirrorPod({ metadata, spec }: Pod): FieldError[] {
  const mirrored = metadata.annotations?.[annotations.configMirror];
  if (mirrored === undefined || spec.nodeName) return [];
  return [invalid(path, mirrored, "must set spec.nodeName if mirror pod annotation is set")];
}

/** The same file's ValidatePodSpecificAnnotationUpdates. */
export function validateMirrorPodUpdate(next: Pod, previous: Pod): FieldError[] {
  const after = next.metadata.annotations?.[annotations.configMirror];
  const before = previous.metadata.annotations?.[annotations.configMirror];
  if (after === before) return [];
  if (after === undefined) return [forbidden(path, "may not remove mirror pod annotation")];
  return [
    forbidden(
      path,
      before === undefined ? "may not add mirror pod annotation" : "may not update mirror pod annotation",
    ),
  ];
}
