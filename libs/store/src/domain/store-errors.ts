import { PodbusError } from "@podbus/errors";
import type { ObjectKey } from "../object-store.ts";

// The messages are Kubernetes' own (apimachinery pkg/api/errors), so that the api-gateway may show them as they are.

export function alreadyExists(key: ObjectKey): PodbusError {
  const message = `${key.resource} "${key.name}" already exists`;
  return new PodbusError({ code: "ALREADY_EXISTS", reason: "AlreadyExists", message });
}

export function notFound(key: ObjectKey): PodbusError {
  return new PodbusError({ code: "NOT_FOUND", reason: "NotFound", message: `${key.resource} "${key.name}" not found` });
}

export function conflict(key: ObjectKey): PodbusError {
  const message =
    `Operation cannot be fulfilled on ${key.resource} "${key.name}": the object has been modified; ` +
    "please apply your changes to the latest version and try again";
  return new PodbusError({ code: "ABORTED", reason: "Conflict", message });
}

export function expired(fromRevision: number, oldestRevision: number): PodbusError {
  const message = `too old resource version: ${fromRevision} (${oldestRevision})`;
  return new PodbusError({ code: "OUT_OF_RANGE", reason: "Expired", message });
}

export function tooLarge(bytes: number, limitBytes: number): PodbusError {
  const message = `the object takes ${bytes} bytes as JSON; the limit is ${limitBytes}`;
  return new PodbusError({ code: "RESOURCE_EXHAUSTED", reason: "RequestEntityTooLarge", message });
}

export function unavailable(message: string, cause?: unknown): PodbusError {
  return new PodbusError({ code: "UNAVAILABLE", reason: "ServiceUnavailable", message, cause });
}

export function cannotOpen(key: ObjectKey, problem: string): PodbusError {
  const name = key.namespace === "" ? key.name : `${key.namespace}/${key.name}`;
  const message = `cannot read ${key.resource} ${name}: ${problem}`;
  return new PodbusError({ code: "FAILED_PRECONDITION", reason: "InternalError", message });
}
