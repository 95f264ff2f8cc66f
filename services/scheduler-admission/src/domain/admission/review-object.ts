import type { AdmissionLookup, AdmissionRequest, AdmissionStep, AdmissionVerdict } from "./admission-step.ts";
import { alwaysPullImages } from "./always-pull-images.ts";
import { applyDefaults } from "./apply-defaults.ts";
import { defaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { podWarnings } from "./pod-warnings.ts";
import { priority } from "./priority.ts";
import { runtimeClass } from "./runtime-class.ts";
import { serviceAccount } from "./service-account.ts";
import { unsupportedFeatures } from "./unsupported-features.ts";
import { validation } from "./validation.ts";

/** Steps that run only where they are enabled by name. */
export const optionalSteps: readonly AdmissionStep[] = [alwaysPullImages];

/** Kubernetes' order: what completes the object first, what judges it last. */
const orderedSteps: readonly AdmissionStep[] = [
  applyDefaults,
  serviceAccount,
  alwaysPullImages,
  priority,
  defaultTolerationSeconds,
  runtimeClass,
  podWarnings,
  validation,
  unsupportedFeatures,
];

/** The steps of a cluster that enables these optional ones. */
export function admissionSteps(enabled: readonly string[] = []): readonly AdmissionStep[] {
  return orderedSteps.filter((step) => !optionalSteps.includes(step) || enabled.includes(step.name));
}

/** Runs an object through the steps; the first refusal ends it. Warnings are kept either way. */
export function reviewObject(
  request: AdmissionRequest,
  lookup: AdmissionLookup,
  steps: readonly AdmissionStep[],
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
