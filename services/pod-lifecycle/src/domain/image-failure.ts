import type { PodbusError } from "@podbus/errors";
import type { ImageResult } from "./pod-inputs.ts";

/** Reasons that become a container's waiting reason as they are. */
const waitingReasons: ReadonlySet<string> = new Set([
  "InvalidImageName",
  "ErrImageNeverPull",
  "ErrImagePull",
  "ImagePullBackOff",
  "ImageInspectError",
  "RegistryUnavailable",
]);

/** The kubelet looks at a pod that cannot go on about this often. */
const defaultRetryMs = 10_000;
/** After a failed pull the next question is answered with the back-off, which is what users wait to see. */
const showBackOffAfterMs = 1_500;

/** What the image-puller's refusal means for the container; undefined if it is no answer about the image. */
export function imageFailure(error: PodbusError, nowMs: number): ImageResult | undefined {
  if (!waitingReasons.has(error.reason)) return undefined;
  const askedMs = error.retryAfterMs ?? defaultRetryMs;
  const retryMs = error.reason === "ErrImagePull" ? Math.min(askedMs, showBackOffAfterMs) : askedMs;
  return { kind: "failed", reason: error.reason, message: error.message, retryAtMs: nowMs + retryMs };
}
