import { describe, expect, it } from "vitest";
import { type Authorization, decideAuthorization, forbiddenMessage, type User } from "./authorization.ts";
import { parseRequestInfo } from "./request-info.ts";

const admin: User = { name: "kubernetes-admin", groups: ["system:masters"] };
const jane: User = { name: "jane", groups: ["people"] };

const cases: Record<string, [User | undefined, string, string, Authorization]> = {
  "anyone may ask for health": [undefined, "GET", "/healthz", "allowed"],
  "anyone may ask for one check": [undefined, "GET", "/readyz/store", "allowed"],
  "anyone may ask for the version": [undefined, "GET", "/version", "allowed"],
  "a path that only begins like a public one is not public": [undefined, "GET", "/versions", "unauthenticated"],
  "nobody without a certificate sees the API": [undefined, "GET", "/api", "unauthenticated"],
  "nobody without a certificate sees pods": [undefined, "GET", "/api/v1/pods", "unauthenticated"],
  "masters may do everything": [admin, "DELETE", "/api/v1/namespaces/a/pods/x", "allowed"],
  "others may discover": [jane, "GET", "/apis/coordination.k8s.io/v1", "allowed"],
  "others may read the schemas": [jane, "GET", "/openapi/v3/api/v1", "allowed"],
  "others may not read objects": [jane, "GET", "/api/v1/pods", "forbidden"],
  "others may not write": [jane, "POST", "/api/v1/namespaces/a/pods", "forbidden"],
};

describe("decideAuthorization", () => {
  it.each(Object.entries(cases))("%s", (_name, [user, method, path, expected]) => {
    expect(decideAuthorization(user, parseRequestInfo(method, path, new URLSearchParams()))).toBe(expected);
  });

  it("says who may not do what", () => {
    const info = parseRequestInfo("GET", "/api/v1/namespaces/a/pods/x/log", new URLSearchParams());
    expect(forbiddenMessage(jane, info)).toBe(
      'User "jane" cannot get resource "pods/log" in API group "" in the namespace "a"',
    );
  });
});
