import { durationMs, integer } from "@podbus/service";
import { z } from "zod";
import type { CollectionPolicy } from "./domain/image-collection.ts";

const percent = integer({ min: 0, max: 100 });

/** The variables of image garbage collection; defaults as the kubelet's (pkg/kubelet/apis/config/v1beta1/defaults.go). */
export const imageGcVariables = {
  PODBUS_IMAGE_GC_HIGH_THRESHOLD: percent.default(85),
  PODBUS_IMAGE_GC_LOW_THRESHOLD: percent.default(80),
  PODBUS_IMAGE_GC_MIN_AGE: durationMs.default(2 * 60_000),
  PODBUS_IMAGE_GC_MAX_AGE: z
    .literal("0")
    .transform(() => 0)
    .or(durationMs)
    .default(0),
  PODBUS_IMAGE_GC_PERIOD: durationMs.default(5 * 60_000),
};

type Variables = z.output<z.ZodObject<typeof imageGcVariables>>;

/** Rule: pkg/kubelet/apis/config/validation, imageGCLowThresholdPercent and imageMaximumGCAge. */
export function checkImageGc(env: Variables, context: z.core.$RefinementCtx): void {
  const { PODBUS_IMAGE_GC_LOW_THRESHOLD: low, PODBUS_IMAGE_GC_HIGH_THRESHOLD: high } = env;
  const { PODBUS_IMAGE_GC_MIN_AGE: minAge, PODBUS_IMAGE_GC_MAX_AGE: maxAge } = env;
  // Of no variable alone: the other one may be a default.
  const refuse = (message: string) => context.addIssue({ code: "custom", path: [], message, input: env });
  if (low >= high) {
    refuse(`PODBUS_IMAGE_GC_LOW_THRESHOLD: ${low} must be less than PODBUS_IMAGE_GC_HIGH_THRESHOLD ${high}`);
  }
  if (maxAge !== 0 && maxAge <= minAge) {
    refuse(`PODBUS_IMAGE_GC_MAX_AGE: must be greater than PODBUS_IMAGE_GC_MIN_AGE (${minAge / 1_000}s), or 0`);
  }
}

export function imageGcOf(env: Variables): { readonly policy: CollectionPolicy; readonly periodMs: number } {
  return {
    policy: {
      highPercent: env.PODBUS_IMAGE_GC_HIGH_THRESHOLD,
      lowPercent: env.PODBUS_IMAGE_GC_LOW_THRESHOLD,
      minAgeMs: env.PODBUS_IMAGE_GC_MIN_AGE,
      maxAgeMs: env.PODBUS_IMAGE_GC_MAX_AGE,
    },
    periodMs: env.PODBUS_IMAGE_GC_PERIOD,
  };
}
