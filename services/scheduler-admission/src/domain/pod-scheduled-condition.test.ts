import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { podFixture } from "./object-fixtures.ts";
import { withPodScheduled } from "./pod-scheduled-condition.ts";

const now = "2026-01-02T00:00:00Z";
const before = "2026-01-01T00:00:00Z";
const ready = { type: "Ready", status: "False" };
const withConditions = (...conditions: NonNullable<NonNullable<Pod["status"]>["conditions"]>): Pod => ({
  ...podFixture(),
  status: { phase: "Pending", conditions },
});
const unschedulable = {
  type: "PodScheduled",
  status: "False",
  reason: "Unschedulable",
  message: "full",
  lastTransitionTime: before,
};

describe("withPodScheduled", () => {
  it("adds the condition, and leaves the others", () => {
    expect(withPodScheduled(withConditions(ready), { status: "True" }, now)).toEqual(
      withConditions(ready, { type: "PodScheduled", status: "True", lastTransitionTime: now }),
    );
  });

  it("drops reason and message when it becomes true", () => {
    expect(withPodScheduled(withConditions(unschedulable, ready), { status: "True" }, now)).toEqual(
      withConditions({ type: "PodScheduled", status: "True", lastTransitionTime: now }, ready),
    );
  });

  it("keeps the time while only the message changes", () => {
    const verdict = { status: "False", reason: "Unschedulable", message: "fuller" } as const;
    expect(withPodScheduled(withConditions(unschedulable), verdict, now)).toEqual(
      withConditions({ ...unschedulable, message: "fuller" }),
    );
  });

  it("gives the very same pod when there is nothing to change", () => {
    const pod = withConditions(unschedulable);
    expect(withPodScheduled(pod, { status: "False", reason: "Unschedulable", message: "full" }, now)).toBe(pod);
  });
});
