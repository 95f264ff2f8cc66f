import { PodbusError } from "@podbus/errors";
import { describe, expect, it } from "vitest";
import { forbidden, required } from "../validation/field-error.ts";
import {
  statusAlreadyExists,
  statusConflict,
  statusForbidden,
  statusGone,
  statusInternal,
  statusInvalid,
  statusMethodNotAllowed,
  statusNotFound,
  statusTooManyRequests,
} from "./builders.ts";
import { statusFromError } from "./from-error.ts";

describe("Status in Kubernetes' words", () => {
  it.each([
    [statusNotFound("pods", "a"), 404, "NotFound", 'pods "a" not found'],
    [statusNotFound("leases.coordination.k8s.io", "a"), 404, "NotFound", 'leases.coordination.k8s.io "a" not found'],
    [statusAlreadyExists({ group: "", plural: "pods" }, "a"), 409, "AlreadyExists", 'pods "a" already exists'],
    [
      statusConflict("pods", "a"),
      409,
      "Conflict",
      'Operation cannot be fulfilled on pods "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [statusForbidden("pods", "", "no"), 403, "Forbidden", "pods is forbidden: no"],
    [statusGone("too old resource version: 1 (5)"), 410, "Expired", "too old resource version: 1 (5)"],
    [statusInternal("x"), 500, "InternalError", "Internal error occurred: x"],
    [
      statusMethodNotAllowed("pods", "create"),
      405,
      "MethodNotAllowed",
      'create is not supported on resources of kind "pods"',
    ],
  ])("%s", (error, code, reason, message) => {
    expect(error.status).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message });
    expect(statusFromError(error)).toBe(error.status);
  });

  it("an invalid object lists every field, and equal texts once", () => {
    const one = required("spec.containers");
    expect(statusInvalid("Pod", "a", [one]).status.message).toBe('Pod "a" is invalid: spec.containers: Required value');
    const { message, details } = statusInvalid({ group: "apps", kind: "Deployment" }, "a", [
      one,
      one,
      forbidden("x", "y"),
    ]).status;
    expect(message).toBe('Deployment.apps "a" is invalid: [spec.containers: Required value, x: Forbidden: y]');
    expect(details).toMatchObject({ group: "apps", kind: "Deployment", name: "a" });
    expect(details?.causes?.[0]).toEqual({
      reason: "FieldValueRequired",
      message: "Required value",
      field: "spec.containers",
    });
  });

  it("other errors keep their meaning", () => {
    const conflict = new PodbusError({ code: "ABORTED", reason: "Conflict", message: "m" });
    expect(statusFromError(conflict)).toMatchObject({ code: 409, reason: "Conflict", message: "m" });
    expect(
      statusFromError(new PodbusError({ code: "RESOURCE_EXHAUSTED", reason: "RequestEntityTooLarge", message: "m" }))
        .code,
    ).toBe(413);
    expect(statusFromError(new PodbusError({ code: "UNAVAILABLE", message: "m", retryAfterMs: 1500 }))).toMatchObject({
      code: 503,
      details: { retryAfterSeconds: 2 },
    });
    expect(statusFromError("oops")).toMatchObject({ code: 500, reason: "InternalError" });
  });

  it("a StatusError says when to come again", () => {
    expect(statusTooManyRequests("slow down", 3)).toMatchObject({ code: "RESOURCE_EXHAUSTED", retryAfterMs: 3000 });
  });
});
