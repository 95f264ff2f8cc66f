import { failureStatus } from "../status/builders.ts";
import { StatusError } from "../status/status-error.ts";

/** A patch that is well-formed and does not fit the object: 422, as kube-apiserver (endpoints/handlers/patch.go). */
export function refusedPatch(problem: string): StatusError {
  const message = `the server rejected our request due to an error in our request: ${problem}`;
  return new StatusError(failureStatus(422, "Invalid", message));
}
