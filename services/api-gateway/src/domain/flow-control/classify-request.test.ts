import { describe, expect, it } from "vitest";
import { parseRequestInfo } from "../request-info.ts";
import { classifyRequest, priorityLevels, seatsForList, seatsOf } from "./classify-request.ts";

describe("a request's priority level", () => {
  const pods = "/api/v1/namespaces/default/pods";
  const lease = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1";
  it.each([
    ["the admin waits for nobody", "admin", ["system:masters"], pods, "exempt"],
    ["nor does who asks for health", "jane", [], "/readyz", "exempt"],
    ["a node that says that it lives comes first", "system:node:n1", ["system:nodes"], lease, "node-high"],
    ["a node about its own Node too", "system:node:n1", ["system:nodes"], "/api/v1/nodes/n1", "node-high"],
    ["a node about anything else", "system:node:n1", ["system:nodes"], pods, "system"],
    ["the cluster's own controllers", "system:serviceaccount:kube-system:dns", [], pods, "workload-high"],
    ["the scheduler", "system:kube-scheduler", [], pods, "workload-high"],
    ["programs in pods", "system:serviceaccount:default:default", [], pods, "workload-low"],
    ["people", "jane", ["people"], pods, "global-default"],
    ["a lease that is no node's", "jane", [], "/apis/coordination.k8s.io/v1/namespaces/a/leases/x", "global-default"],
  ])("%s", (_sentence, name, groups, path, level) => {
    const info = parseRequestInfo("GET", path, new URLSearchParams());
    expect(classifyRequest(info, { name, groups })).toEqual({ level, flow: name });
  });
});

describe("seats", () => {
  it("are shared out as in Kubernetes", () => {
    expect(Object.fromEntries(priorityLevels.map((level) => [level, seatsOf(level, 600)]))).toEqual({
      "node-high": 98,
      system: 74,
      "workload-high": 98,
      "workload-low": 245,
      "global-default": 49,
    });
  });

  it.each([
    ["an empty list takes one", 0, 0, 1],
    ["a hundred objects take one", 100, 0, 1],
    ["more take more", 450, 0, 5],
    ["a long list takes ten", 100_000, 0, 10],
    ["a page takes what it reads", 100_000, 200, 2],
    ["a limit that is none counts as none", 100_000, Number.NaN, 10],
  ])("%s", (_sentence, objects, limit, seats) => {
    expect(seatsForList(objects, limit)).toBe(seats);
  });
});
