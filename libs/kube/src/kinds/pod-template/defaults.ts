import { cloneJson } from "../../json.ts";
import { fillPodSpec } from "../pod/defaults.ts";
import type { PodTemplateSpec } from "./schema.ts";

/** The template with what Kubernetes fills into any pod spec: pkg/apis/core/v1/zz_generated.defaults.go. */
export function defaultPodTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const copy = cloneJson(template);
  fillPodSpec(copy.spec);
  return copy;
}
