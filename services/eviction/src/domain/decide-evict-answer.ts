import type { PodbusError } from "@podbus/errors";
import { type Status, statusFromError, statusNotFound } from "@podbus/kube";

export type EvictAnswer =
  | { readonly kind: "refuse"; readonly status: Status }
  /** Someone else changed the pod meanwhile: look at it again. */
  | { readonly kind: "retry" }
  /** Not an answer about the pod: the call itself failed. */
  | { readonly kind: "fail" };

/** What a deletion that did not succeed means for the eviction. */
export function decideEvictAnswer(
  error: PodbusError,
  wish: { name: string; preconditionResourceVersion: string },
): EvictAnswer {
  switch (error.code) {
    case "NOT_FOUND":
      return { kind: "refuse", status: statusNotFound("pods", wish.name).status };
    case "ABORTED":
    case "FAILED_PRECONDITION":
      // As Kubernetes: a conflict is tried again unless the caller insists on a version.
      if (wish.preconditionResourceVersion === "") return { kind: "retry" };
      return { kind: "refuse", status: statusFromError(error) };
    case "PERMISSION_DENIED":
    case "RESOURCE_EXHAUSTED":
    case "INVALID_ARGUMENT":
      return { kind: "refuse", status: statusFromError(error) };
    default:
      return { kind: "fail" };
  }
}
