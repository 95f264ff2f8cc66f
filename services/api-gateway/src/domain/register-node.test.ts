import type { Node, NodeStatus } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { mergeRegisteredNode } from "./register-node.ts";

const node = (labels: Record<string, string>, status: NodeStatus = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n1", labels },
  status,
});
const merge = (stored: Node, reported: Node) => mergeRegisteredNode(stored, reported);

describe("the labels of a node that registers again", () => {
  it.each([
    ["what others set stays", { rack: "r1" }, {}, { rack: "r1" }],
    [
      "what it is stays right",
      { "kubernetes.io/arch": "mine" },
      { "kubernetes.io/arch": "amd64" },
      { "kubernetes.io/arch": "amd64" },
    ],
    ["what others changed or removed stays so", { rack: "r2" }, { rack: "r1", row: "7" }, { rack: "r2" }],
  ])("%s", (_, stored, reported, expected) => {
    expect(merge(node(stored), node(reported)).metadata.labels).toEqual(expected);
  });
});

describe("the status of a node that registers again", () => {
  it("has the extended resources that someone added to the capacity, to be used in full", () => {
    const stored = node({}, { capacity: { cpu: "9", "example.com/gpu": "4" }, allocatable: { cpu: "9" } });
    const reported = node({}, { capacity: { cpu: "2" }, allocatable: { cpu: "1" } });
    expect(merge(stored, reported).status).toEqual({
      capacity: { cpu: "2", "example.com/gpu": "4" },
      allocatable: { cpu: "1", "example.com/gpu": "4" },
    });
  });

  it("has no resource that was taken out of the capacity, and none that the node alone knows", () => {
    const stored = node({}, { capacity: { "hugepages-2Mi": "2Mi" }, allocatable: { "example.com/gpu": "4" } });
    expect(merge(stored, node({}, { capacity: { cpu: "2" }, allocatable: { cpu: "2" } })).status).toEqual({
      capacity: { cpu: "2" },
      allocatable: { cpu: "2" },
    });
  });

  it("says since when a condition is as it is", () => {
    const ready = (status: string, time: string) =>
      node({}, { conditions: [{ type: "Ready", status, lastTransitionTime: time }] });
    const since = (stored: Node, reported: Node) => merge(stored, reported).status?.conditions?.[0]?.lastTransitionTime;
    expect(since(ready("True", "old"), ready("True", "new"))).toBe("old");
    expect(since(ready("Unknown", "old"), ready("True", "new"))).toBe("new");
  });

  it("keeps the conditions of others", () => {
    const [others, old, now] = [
      { type: "KernelDeadlock", status: "False" },
      { type: "Ready", status: "Unknown" },
      { type: "Ready", status: "True" },
    ];
    const merged = merge(node({}, { conditions: [others, old] }), node({}, { conditions: [now] }));
    expect(merged.status?.conditions).toEqual([now, others]);
  });
});
