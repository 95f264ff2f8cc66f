import { describe, expect, it } from "vitest";
import { configMaps } from "../kinds/config-map/resource.ts";
import { events } from "../kinds/event/resource.ts";
import { leases } from "../kinds/lease/resource.ts";
import { namespacesResource } from "../kinds/namespace/resource.ts";
import { nodes } from "../kinds/node/resource.ts";
import { podWith } from "../kinds/pod/pod-fixture.ts";
import { pods } from "../kinds/pod/resource.ts";
import { secrets } from "../kinds/secret/resource.ts";
import { serviceAccounts } from "../kinds/service-account/resource.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import type { KubeObject } from "../schema/meta.ts";
import { ageOf, humanDuration } from "./human-duration.ts";
import { toTable } from "./to-table.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const created = { creationTimestamp: "2026-01-01T00:00:00Z" };

function print<T extends KubeObject>(resource: ResourceDefinition<T>, object: T) {
  const { columnDefinitions, rows } = toTable(resource, [object], { includeObject: "None", now });
  return Object.fromEntries(columnDefinitions.map(({ name }, at) => [name, rows[0]?.cells[at]]));
}

describe("ages", () => {
  const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000];
  it.each([
    [-2 * s, "<invalid>"],
    [-1 * s, "0s"],
    [0, "0s"],
    [119 * s, "119s"],
    [120 * s, "2m"],
    [121 * s, "2m1s"],
    [10 * m, "10m"],
    [179 * m, "179m"],
    [180 * m, "3h"],
    [181 * m, "3h1m"],
    [8 * h, "8h"],
    [47 * h, "47h"],
    [48 * h, "2d"],
    [49 * h, "2d1h"],
    [8 * d, "8d"],
    [729 * d, "729d"],
    [730 * d, "2y"],
    [731 * d, "2y1d"],
    [3000 * d, "8y"],
  ])("%d ms is %s", (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });

  it("nothing known", () => {
    expect(ageOf(undefined, now)).toBe("<unknown>");
  });
});

describe("rows as kubectl prints them", () => {
  it("pod, wide", () => {
    const pod = {
      ...podWith({ nodeName: "n1", readinessGates: [{ conditionType: "a/b" }] }, created),
      status: { phase: "Running", podIPs: [{ ip: "10.0.0.1" }] },
    };
    expect(print(pods, pod)).toEqual({
      Name: "web",
      Ready: "0/1",
      Status: "Running",
      Restarts: "0",
      Age: "60m",
      IP: "10.0.0.1",
      Node: "n1",
      "Nominated Node": "<none>",
      "Readiness Gates": "0/1",
    });
  });

  it("node, wide", () => {
    const node = {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: "n1",
        ...created,
        labels: { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "" },
      },
      spec: { unschedulable: true },
      status: {
        conditions: [{ type: "Ready", status: "True" }],
        addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
      },
    };
    expect(print(nodes, node)).toEqual({
      Name: "n1",
      Status: "Ready,SchedulingDisabled",
      Roles: "control-plane,worker",
      Age: "60m",
      Version: "",
      "Internal-IP": "10.0.0.1",
      "External-IP": "<none>",
      "OS-Image": "<unknown>",
      "Kernel-Version": "<unknown>",
      "Container-Runtime": "<unknown>",
    });
  });

  it("event", () => {
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "web.1", namespace: "default" },
      involvedObject: { kind: "Pod", name: "web", fieldPath: "spec.containers{main}" },
      reason: "Pulled",
      message: "done\n",
      source: { component: "kubelet", host: "n1" },
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:59:00Z",
      count: 3,
      type: "Normal",
      reportingComponent: "",
      reportingInstance: "",
    };
    expect(print(events, event)).toEqual({
      "Last Seen": "60s",
      Type: "Normal",
      Reason: "Pulled",
      Object: "pod/web",
      Subobject: "spec.containers{main}",
      Source: "kubelet, n1",
      Message: "done",
      "First Seen": "60m",
      Count: 3,
      Name: "web.1",
    });
  });

  const named = (kind: string) => ({ apiVersion: "v1", kind, metadata: { name: "a", ...created } });
  it("the small ones", () => {
    expect(print(namespacesResource, { ...named("Namespace"), status: { phase: "Active" } })).toEqual({
      Name: "a",
      Status: "Active",
      Age: "60m",
    });
    expect(print(secrets, { ...named("Secret"), type: "Opaque", data: { a: "", b: "" } })).toEqual({
      Name: "a",
      Type: "Opaque",
      Data: 2,
      Age: "60m",
    });
    expect(print(configMaps, { ...named("ConfigMap"), data: { a: "" }, binaryData: { b: "" } })).toEqual({
      Name: "a",
      Data: 2,
      Age: "60m",
    });
    expect(print(serviceAccounts, named("ServiceAccount"))).toEqual({ Name: "a", Secrets: 0, Age: "60m" });
    expect(print(leases, { ...named("Lease"), spec: { holderIdentity: "me" } })).toEqual({
      Name: "a",
      Holder: "me",
      Age: "60m",
    });
  });

  it("carries as much of the object as was asked for", () => {
    const pod = podWith();
    const objectIn = (includeObject: "None" | "Metadata" | "Object") =>
      toTable(pods, [pod], { includeObject, now }).rows[0]?.object;
    expect(objectIn("None")).toBeNull();
    expect(objectIn("Object")).toBe(pod);
    expect(objectIn("Metadata")).toEqual({
      kind: "PartialObjectMetadata",
      apiVersion: "meta.k8s.io/v1",
      metadata: pod.metadata,
    });
  });
});
