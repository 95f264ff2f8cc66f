import { integer } from "@podbus/service";
import { z } from "zod";
import type { PullQueueOptions } from "./pulls/pull-queue.ts";

/** Kubernetes pulls one image at a time unless told otherwise; we do not let a big one hold up the others. */
const defaultParallelPulls = 5;

/** Shorter, and an image that would soon be here is disturbed; longer, and a small one waits for nothing. */
const expressAfterMs = 10_000;

/** The kubelet's serializeImagePulls, maxParallelImagePulls, registryPullQPS and registryBurst. */
export const pullQueueVariables = {
  PODBUS_SERIALIZE_IMAGE_PULLS: z.enum(["true", "false"], { error: 'must be "true" or "false"' }).default("false"),
  PODBUS_MAX_PARALLEL_IMAGE_PULLS: integer({ min: 1, max: 1_000 }).optional(),
  PODBUS_REGISTRY_PULL_QPS: integer({ min: 0, max: 1_000_000 }).default(5),
  PODBUS_REGISTRY_BURST: integer({ min: 0, max: 1_000_000 }).default(10),
};

type Variables = z.output<z.ZodObject<typeof pullQueueVariables>>;

export function checkPullQueue(env: Variables, context: z.core.$RefinementCtx): void {
  const refuse = (name: keyof Variables, message: string) =>
    context.addIssue({ code: "custom", path: [name], message, input: env });
  // pkg/kubelet/apis/config/validation, maxParallelImagePulls.
  if (env.PODBUS_SERIALIZE_IMAGE_PULLS === "true" && (env.PODBUS_MAX_PARALLEL_IMAGE_PULLS ?? 1) > 1) {
    refuse("PODBUS_MAX_PARALLEL_IMAGE_PULLS", "cannot be larger than 1 unless PODBUS_SERIALIZE_IMAGE_PULLS is false");
  }
  // The kubelet accepts this, and then pulls nothing.
  if (env.PODBUS_REGISTRY_PULL_QPS > 0 && env.PODBUS_REGISTRY_BURST === 0) {
    refuse("PODBUS_REGISTRY_BURST", "must be at least 1 unless PODBUS_REGISTRY_PULL_QPS is 0");
  }
}

export function pullQueueOf(env: Variables): Omit<PullQueueOptions, "clock"> {
  const { PODBUS_REGISTRY_PULL_QPS: perSecond, PODBUS_REGISTRY_BURST: burst } = env;
  const limit =
    env.PODBUS_SERIALIZE_IMAGE_PULLS === "true" ? 1 : (env.PODBUS_MAX_PARALLEL_IMAGE_PULLS ?? defaultParallelPulls);
  return {
    limit,
    // Who wants one at a time gets one at a time, however it is said.
    expressAfterMs: limit > 1 ? expressAfterMs : undefined,
    rate: perSecond === 0 ? undefined : { perSecond, burst },
  };
}
