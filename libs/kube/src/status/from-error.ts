import { type Code, type PodbusError, toPodbusError } from "@podbus/errors";
import type { Status } from "../schema/meta.ts";
import { failureStatus, statusInternal } from "./builders.ts";
import { StatusError } from "./status-error.ts";

/** HTTP code and reason of each failure code, when the error carries no Status of its own. */
const httpOf: Readonly<Record<Code, readonly [number, string]>> = {
  CANCELLED: [499, ""],
  UNKNOWN: [500, "InternalError"],
  INVALID_ARGUMENT: [400, "BadRequest"],
  DEADLINE_EXCEEDED: [504, "Timeout"],
  NOT_FOUND: [404, "NotFound"],
  ALREADY_EXISTS: [409, "AlreadyExists"],
  PERMISSION_DENIED: [403, "Forbidden"],
  RESOURCE_EXHAUSTED: [429, "TooManyRequests"],
  FAILED_PRECONDITION: [409, "Conflict"],
  ABORTED: [409, "Conflict"],
  OUT_OF_RANGE: [410, "Expired"],
  UNIMPLEMENTED: [501, ""],
  INTERNAL: [500, "InternalError"],
  UNAVAILABLE: [503, "ServiceUnavailable"],
  DATA_LOSS: [500, "InternalError"],
  UNAUTHENTICATED: [401, "Unauthorized"],
};

const httpOfReason: Readonly<Record<string, number>> = {
  RequestEntityTooLarge: 413,
  MethodNotAllowed: 405,
  Invalid: 422,
  Gone: 410,
  Expired: 410,
};

function statusOf(error: PodbusError): Status {
  const [code, reason] = httpOf[error.code];
  if (code === 500) return statusInternal(error.message).status;
  const retryAfterSeconds = error.retryAfterMs === undefined ? undefined : Math.ceil(error.retryAfterMs / 1000);
  return failureStatus(
    httpOfReason[error.reason] ?? code,
    error.reason === "" ? reason : error.reason,
    error.message,
    retryAfterSeconds === undefined ? undefined : { retryAfterSeconds },
  );
}

/** The Status to answer with, whatever was thrown. */
export function statusFromError(thrown: unknown): Status {
  return thrown instanceof StatusError ? thrown.status : statusOf(toPodbusError(thrown));
}
