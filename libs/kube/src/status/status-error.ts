import { type Code, PodbusError } from "@podbus/errors";
import type { Status } from "../schema/meta.ts";

const codeOfHttpStatus: Readonly<Record<number, Code>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  405: "UNIMPLEMENTED",
  406: "INVALID_ARGUMENT",
  410: "OUT_OF_RANGE",
  413: "RESOURCE_EXHAUSTED",
  415: "INVALID_ARGUMENT",
  422: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

function codeOf(status: Status): Code {
  if (status.reason === "AlreadyExists") return "ALREADY_EXISTS";
  if (status.reason === "Conflict") return "ABORTED";
  return codeOfHttpStatus[status.code ?? 500] ?? "INTERNAL";
}

/** A refusal in the form that Kubernetes' clients understand. `status.code` is the HTTP code. */
export class StatusError extends PodbusError {
  readonly status: Status;

  constructor(status: Status, cause?: unknown) {
    const retryAfter = status.details?.retryAfterSeconds;
    super({
      code: codeOf(status),
      reason: status.reason ?? "",
      message: status.message ?? "",
      ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter * 1000 }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.status = status;
  }
}
