import type { Code, PodbusError } from "@podbus/errors";
import { pullCause } from "./pull-cause.ts";

/** Why a pull failed, for a person and for the container's waiting reason. */
export interface PullFailure {
  readonly reason: "ErrImagePull" | "RegistryUnavailable";
  readonly code: Code;
  /** The waiting message: the cause in plain words (in the form of Kubernetes' own for a few causes), then the runtime's. */
  readonly message: string;
  /** What the "Failed to pull image" event says: the runtime's own words. */
  readonly detail: string;
  /** False where the image is not at fault (the runtime was away): no back-off for the pod then. */
  readonly counts: boolean;
}

/**
 * containerd reports a registry that cannot be reached with gRPC code Unknown and these texts of Go's net package;
 * there is nothing else to tell it by. Kubernetes' own test is a text prefix too (image_manager.go, evalCRIPullErr).
 */
const unreachable = [
  /dial tcp[^\n]*: connect: (connection refused|no route to host|network is unreachable|host is down|connection timed out)/,
  /dial tcp[^\n]*: i\/o timeout/,
  /dial tcp: lookup [^\n]*/,
  /TLS handshake timeout/,
  /net\/http: request canceled while waiting for connection/,
  /unexpected status[^\n]*: 50[0234]\b/,
  /: connection reset by peer(?=[\],]|$)/,
  // Closed without an answer.
  /: EOF(?=[\],]|$)/,
];

/** `error` is what the runtime's PullImage failed with. */
export function explainPullFailure(image: string, error: PodbusError): PullFailure {
  const detail = asGrpcText(error);
  if (error.code === "UNAVAILABLE" && !isUnreachable(error.message)) {
    return { reason: "ErrImagePull", code: "UNAVAILABLE", message: detail, detail, counts: false };
  }
  const failedBecause = (because: string) => `image pull failed for ${image} because ${because}: ${error.message}`;
  if (isUnreachable(error.message)) {
    const message = failedBecause("the registry is unavailable");
    return { reason: "RegistryUnavailable", code: "UNAVAILABLE", message, detail, counts: true };
  }
  const cause = pullCause(error);
  if (!cause) return { reason: "ErrImagePull", code: "UNKNOWN", message: detail, detail, counts: true };
  return { reason: "ErrImagePull", code: cause.code, message: failedBecause(cause.because), detail, counts: true };
}

/** The same, with the sources of credentials that had failed before: what the registry says is then not the whole cause. */
export function withFailedSources(failure: PullFailure, failed: readonly string[]): PullFailure {
  if (failed.length === 0 || !failure.counts) return failure;
  const after = failed.map((source) => `; no credentials from ${source}`).join("");
  return { ...failure, message: `${failure.message}${after}`, detail: `${failure.detail}${after}` };
}

function isUnreachable(message: string): boolean {
  return unreachable.some((pattern) => pattern.test(message));
}

/** Go's text of a gRPC error, which is what a user of Kubernetes reads: "rpc error: code = NotFound desc = …". */
function asGrpcText(error: PodbusError): string {
  return `rpc error: code = ${goCodeName(error.code)} desc = ${error.message}`;
}

function goCodeName(code: Code): string {
  if (code === "CANCELLED") return "Canceled";
  return code
    .split("_")
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join("");
}
