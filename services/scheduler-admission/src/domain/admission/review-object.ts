import type { AdmissionLookup, AdmissionRequest, AdmissionStep, AdmissionVerdict } from "./admission-step.ts";
import { applyDefaults } from "./apply-defaults.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { podWarnings } from "./pod-warnings.ts";
import { priority } from "./priority.ts";
import { runtimeClass } from "./runtime-class.ts";
import { serviceAccount } from "./service-account.ts";
import { unsupportedFeatures } from "./unsupported-features.ts";
import { validation } from "./validation.ts";

/** Kubernetes' order: what completes the object first, what judges it last. */
export const admissionSteps: readonly AdmissionStep[] = [
  applyDefaults,
  serviceAccount,
  priority,
  defaultTolerationSeconds,
  runtimeClass,
  podWarnings,
  validation,
  unsupportedFeatures,
];

/** Runs an object through the steps; the first refusal ends it. Warnings are kept either way. */
export function reviewObject(
  request: AdmissionRequest,
  lookup: AdmissionLookup,
  steps: readonly AdmissionStep[] = admissionSteps,
): AdmissionVerdict & { readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  let { object } = request;
  for (const step of steps) {
    const current = { ...request, object };
    if (!step.appliesTo(current)) continue;
    const verdict = step.review(current, lookup);
    if (verdict.kind === "refuse") return { ...verdict, warnings };
    warnings.push(...(verdict.warnings ?? []));
    object = verdict.object;
  }
  return { kind: "admit", object, warnings };
}
