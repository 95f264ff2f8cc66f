import type { PodStatus } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { mergePodStatus, withDisruptionTarget } from "./merge-pod-status.ts";

const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" };
const ready = (status: string) => ({ type: "Ready", status, lastTransitionTime: "2026-01-01T00:00:01Z" });
const target = { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" };

const cases: Record<string, [PodStatus | undefined, PodStatus, PodStatus]> = {
  "the first status of a node": [
    { phase: "Pending", qosClass: "BestEffort", conditions: [scheduled] },
    { phase: "Running", podIP: "10.0.0.1", conditions: [ready("True")] },
    { phase: "Running", podIP: "10.0.0.1", qosClass: "BestEffort", conditions: [ready("True"), scheduled] },
  ],
  "the node's own conditions are replaced, and gone if it no longer reports them": [
    { conditions: [ready("False"), { type: "Initialized", status: "True" }, scheduled] },
    { conditions: [ready("True")] },
    { conditions: [ready("True"), scheduled] },
  ],
  "a stale copy of another writer's condition is not taken": [
    { conditions: [{ ...scheduled, status: "False" }, target] },
    { conditions: [ready("True"), scheduled, { ...target, reason: "Other" }] },
    { conditions: [ready("True"), { ...scheduled, status: "False" }, target] },
  ],
  "a node may add DisruptionTarget": [
    { conditions: [scheduled] },
    { phase: "Failed", conditions: [{ ...target, reason: "TerminationByKubelet" }] },
    { phase: "Failed", conditions: [{ ...target, reason: "TerminationByKubelet" }, scheduled] },
  ],
  "nominatedNodeName and QoS class are not the node's": [
    { nominatedNodeName: "a", qosClass: "Burstable" },
    { phase: "Running", nominatedNodeName: "b", qosClass: "Guaranteed" },
    { phase: "Running", nominatedNodeName: "a", qosClass: "Burstable" },
  ],
  "fields that are no longer reported go": [
    { phase: "Pending", message: "old" },
    { phase: "Running" },
    { phase: "Running" },
  ],
  "nothing was stored": [undefined, { phase: "Running" }, { phase: "Running" }],
};

describe("mergePodStatus", () => {
  it.each(Object.entries(cases))("%s", (_name, [stored, reported, expected]) => {
    expect(mergePodStatus(stored, reported)).toEqual(expected);
  });

  it("adds DisruptionTarget, and keeps the time at which it became true", () => {
    const first = withDisruptionTarget(
      { phase: "Running", conditions: [scheduled] },
      "A",
      "because",
      "2026-01-02T00:00:00Z",
    );
    expect(first.conditions).toEqual([
      scheduled,
      {
        type: "DisruptionTarget",
        status: "True",
        lastTransitionTime: "2026-01-02T00:00:00Z",
        reason: "A",
        message: "because",
      },
    ]);
    const again = withDisruptionTarget(first, "B", "again", "2026-01-03T00:00:00Z");
    expect(again.conditions?.[1]).toMatchObject({ lastTransitionTime: "2026-01-02T00:00:00Z", reason: "B" });
    expect(again.conditions).toHaveLength(2);
  });
});
