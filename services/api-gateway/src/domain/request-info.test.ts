import { describe, expect, it } from "vitest";
import { parseRequestInfo } from "./request-info.ts";

const base = { kind: "resource", group: "", version: "v1", namespace: "", resource: "pods", subresource: "", name: "" };

const cases: Record<string, [string, string, object]> = {
  "pods of a namespace": ["GET", "/api/v1/namespaces/a/pods", { ...base, verb: "list", namespace: "a" }],
  "pods of all namespaces": ["GET", "/api/v1/pods", { ...base, verb: "list" }],
  "a watch by query": ["GET", "/api/v1/pods?watch=true", { ...base, verb: "watch" }],
  "watch=0 is a list": ["GET", "/api/v1/pods?watch=0", { ...base, verb: "list" }],
  "watch=false is a list": ["GET", "/api/v1/pods?watch=false", { ...base, verb: "list" }],
  "an empty watch is a watch": ["GET", "/api/v1/pods?watch=", { ...base, verb: "watch" }],
  "the deprecated watch path": ["GET", "/api/v1/watch/namespaces/a/pods", { ...base, verb: "watch", namespace: "a" }],
  "one pod": ["GET", "/api/v1/namespaces/a/pods/x", { ...base, verb: "get", namespace: "a", name: "x" }],
  "a log": [
    "GET",
    "/api/v1/namespaces/a/pods/x/log",
    { ...base, verb: "get", namespace: "a", name: "x", subresource: "log" },
  ],
  "an eviction": [
    "POST",
    "/api/v1/namespaces/a/pods/x/eviction",
    { ...base, verb: "create", namespace: "a", name: "x", subresource: "eviction" },
  ],
  "a namespace": ["GET", "/api/v1/namespaces/a", { ...base, verb: "get", resource: "namespaces", name: "a" }],
  "a namespace's status": [
    "PUT",
    "/api/v1/namespaces/a/status",
    { ...base, verb: "update", resource: "namespaces", name: "a", subresource: "status" },
  ],
  "a collection's deletion": [
    "DELETE",
    "/api/v1/namespaces/a/pods",
    { ...base, verb: "deletecollection", namespace: "a" },
  ],
  "a resource of a group": [
    "PATCH",
    "/apis/coordination.k8s.io/v1/namespaces/a/leases/x",
    { ...base, verb: "patch", group: "coordination.k8s.io", resource: "leases", namespace: "a", name: "x" },
  ],
  "an escaped name": ["GET", "/api/v1/namespaces/a/pods/x%3Ay", { ...base, verb: "get", namespace: "a", name: "x:y" }],
  "an odd method": ["OPTIONS", "/api/v1/pods", { ...base, verb: "unsupported" }],
  "a group version": ["GET", "/api/v1", { kind: "other", verb: "get" }],
  "a named group version": ["GET", "/apis/coordination.k8s.io/v1", { kind: "other", verb: "get" }],
  health: ["GET", "/healthz", { kind: "other", verb: "get" }],
  root: ["GET", "/", { kind: "other", verb: "get" }],
};

describe("parseRequestInfo", () => {
  it.each(Object.entries(cases))("%s", (_name, [method, target, expected]) => {
    const url = new URL(target, "https://podbus");
    expect(parseRequestInfo(method, url.pathname, url.searchParams)).toEqual({ ...expected, path: url.pathname });
  });
});
