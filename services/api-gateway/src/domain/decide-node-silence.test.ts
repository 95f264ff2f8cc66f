import type { Node, NodeCondition } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { decideNodeSilence, isMarkedSilent } from "./decide-node-silence.ts";

const now = "2026-01-01T00:01:00Z";
const node = (...conditions: NodeCondition[]): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n" },
  spec: {},
  status: { conditions },
});
const ready: NodeCondition = {
  type: "Ready",
  status: "True",
  reason: "KubeletReady",
  lastTransitionTime: "2026-01-01T00:00:00Z",
};
const custom: NodeCondition = { type: "Custom", status: "True" };
const unknown = (type: string) => ({
  type,
  status: "Unknown",
  reason: "NodeStatusUnknown",
  message: "Kubelet stopped posting node status.",
  lastTransitionTime: now,
});

const cases: Record<string, [Node, number, NodeCondition[] | undefined]> = {
  "a node that speaks is left alone": [node(ready), 40_000, undefined],
  "a silent node's conditions become Unknown, others' stay": [
    node(ready, { type: "DiskPressure", status: "False" }, custom),
    40_001,
    [unknown("Ready"), unknown("DiskPressure"), custom],
  ],
  "a node that never reported gets Ready Unknown": [node(), 40_001, [unknown("Ready")]],
  "what is Unknown already is not written again": [
    node({ ...unknown("Ready"), lastTransitionTime: "x" }),
    90_000,
    undefined,
  ],
};

describe("decideNodeSilence", () => {
  it.each(Object.entries(cases))("%s", (_name, [subject, silentForMs, expected]) => {
    expect(decideNodeSilence(subject, silentForMs, now)?.status?.conditions).toEqual(expected);
  });

  it("knows its own mark", () => {
    expect(isMarkedSilent(node(ready))).toBe(false);
    expect(isMarkedSilent(node(unknown("Ready")))).toBe(true);
  });
});
