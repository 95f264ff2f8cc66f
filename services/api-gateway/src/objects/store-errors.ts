import { type Code, PodbusError } from "@podbus/errors";
import {
  type ResourceDefinition,
  StatusError,
  statusAlreadyExists,
  statusConflict,
  statusNotFound,
} from "@podbus/kube";

/** The store knows keys; a client wants to read which resource it was. */
export function describeStoreError(error: unknown, resource: ResourceDefinition, name: string): unknown {
  // A Status has been said already, by whoever knew better.
  if (!(error instanceof PodbusError) || error instanceof StatusError) return error;
  switch (error.code) {
    case "ALREADY_EXISTS":
      return statusAlreadyExists(resource, name);
    case "ABORTED":
      return statusConflict(resource, name);
    case "NOT_FOUND":
      return statusNotFound(resource, name);
    default:
      return error;
  }
}

const refusals: ReadonlySet<Code> = new Set<Code>(["ALREADY_EXISTS", "ABORTED", "NOT_FOUND", "RESOURCE_EXHAUSTED"]);

/** Whether the object is surely not stored. After any other error it may be: an answer that did not come in time. */
export const wasRefused = (error: unknown): boolean =>
  error instanceof StatusError || (error instanceof PodbusError && refusals.has(error.code));
