import { PodbusError } from "@podbus/errors";
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
