import type { Status, StatusCause } from "../schema/meta.ts";
import { type FieldError, printFieldErrors } from "../validation/field-error.ts";
import { StatusError } from "./status-error.ts";

// The texts, reasons and codes follow staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go.

/** "pods", "leases.coordination.k8s.io", or a row of the resource table. */
export type ResourceName = string | { readonly group: string; readonly plural: string };

/** "Pod", "Lease.coordination.k8s.io", or a row of the resource table. */
export type KindName = string | { readonly group: string; readonly kind: string };

function split(name: string): { group: string; head: string } {
  const dot = name.indexOf(".");
  return dot < 0 ? { group: "", head: name } : { group: name.slice(dot + 1), head: name.slice(0, dot) };
}

function resourceOf(resource: ResourceName): { group: string; plural: string; qualified: string } {
  if (typeof resource === "string") {
    const { group, head } = split(resource);
    return { group, plural: head, qualified: resource };
  }
  const { group, plural } = resource;
  return { group, plural, qualified: group === "" ? plural : `${plural}.${group}` };
}

function kindOf(kind: KindName): { group: string; kind: string; qualified: string } {
  if (typeof kind === "string") {
    const { group, head } = split(kind);
    return { group, kind: head, qualified: kind };
  }
  return {
    group: kind.group,
    kind: kind.kind,
    qualified: kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`,
  };
}

interface Details {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

function withoutEmpty(details: Details): Details {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value !== "" && value !== undefined));
}

export function failureStatus(code: number, reason: string, message: string, details?: Details): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === "" ? {} : { reason }),
    ...(details === undefined ? {} : { details: withoutEmpty(details) }),
    code,
  };
}

/** The answer to a successful deletion that has no object to show. */
export function successStatus(details?: Details): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    ...(details === undefined ? {} : { details: withoutEmpty(details) }),
  };
}

function failure(code: number, reason: string, message: string, details?: Details): StatusError {
  return new StatusError(failureStatus(code, reason, message, details));
}

export function statusNotFound(resource: ResourceName, name: string): StatusError {
  const { group, plural, qualified } = resourceOf(resource);
  return failure(404, "NotFound", `${qualified} "${name}" not found`, { name, group, kind: plural });
}

/** No such path or kind: what the API server says to a URL that it does not serve. */
export function statusPathNotFound(): StatusError {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

export function statusAlreadyExists(resource: ResourceName, name: string): StatusError {
  const { group, plural, qualified } = resourceOf(resource);
  return failure(409, "AlreadyExists", `${qualified} "${name}" already exists`, { name, group, kind: plural });
}

export const objectModified =
  "the object has been modified; please apply your changes to the latest version and try again";

export function statusConflict(resource: ResourceName, name: string, problem: string = objectModified): StatusError {
  const { group, plural, qualified } = resourceOf(resource);
  return failure(409, "Conflict", `Operation cannot be fulfilled on ${qualified} "${name}": ${problem}`, {
    name,
    group,
    kind: plural,
  });
}

/** One object can have a hundred thousand errors, and their texts would be a hundred times its size. */
const mostErrorsTold = 1_000;

export function statusInvalid(kind: KindName, name: string, errors: readonly FieldError[]): StatusError {
  const { group, kind: shortKind, qualified } = kindOf(kind);
  const told = errors.slice(0, mostErrorsTold);
  const causes = told.map(({ type, message, field }) => ({ reason: type, message, field }));
  const more = errors.length > told.length ? ` and ${errors.length - told.length} more` : "";
  const text = errors.length === 0 ? "" : `: ${printFieldErrors(told)}${more}`;
  return failure(422, "Invalid", `${qualified} "${name}" is invalid${text}`, { name, group, kind: shortKind, causes });
}

export function statusBadRequest(message: string): StatusError {
  return failure(400, "BadRequest", message);
}

export function statusForbidden(resource: ResourceName, name: string, problem: string): StatusError {
  const { group, plural, qualified } = resourceOf(resource);
  const subject = name === "" ? qualified : `${qualified} "${name}"`;
  return failure(403, "Forbidden", `${subject} is forbidden: ${problem}`, { name, group, kind: plural });
}

export function statusUnauthorized(message = "Unauthorized"): StatusError {
  return failure(401, "Unauthorized", message);
}

/** 410: the resourceVersion or the continue token is too old; list again. */
export function statusGone(message: string): StatusError {
  return failure(410, "Expired", message);
}

export function statusUnavailable(message: string): StatusError {
  return failure(503, "ServiceUnavailable", message);
}

export function statusMethodNotAllowed(resource: ResourceName, action: string): StatusError {
  const { group, plural, qualified } = resourceOf(resource);
  return failure(405, "MethodNotAllowed", `${action} is not supported on resources of kind "${qualified}"`, {
    group,
    kind: plural,
  });
}

export function statusUnsupportedMediaType(accepted: readonly string[]): StatusError {
  return failure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

export function statusNotAcceptable(accepted: readonly string[]): StatusError {
  return failure(406, "NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`);
}

export function statusTooLarge(message: string): StatusError {
  return failure(413, "RequestEntityTooLarge", `Request entity is too large: ${message}`);
}

export function statusTooManyRequests(message: string, retryAfterSeconds: number, causes?: StatusCause[]): StatusError {
  return failure(429, "TooManyRequests", message, {
    retryAfterSeconds,
    ...(causes === undefined ? {} : { causes }),
  });
}

export function statusInternal(message: string): StatusError {
  return failure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}

export function statusTimeout(message: string, retryAfterSeconds?: number): StatusError {
  const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
  return failure(504, "Timeout", `Timeout: ${message}`, details);
}
