import { describe, expect, it } from "vitest";
import { podFixture } from "./object-fixtures.ts";
import { situationOf } from "./pod-situation.ts";

const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z" };

describe("situationOf", () => {
  it.each([
    { sentence: "a new pod", pod: podFixture(), situation: { kind: "waiting" } },
    {
      sentence: "a pod without any scheduler's name",
      pod: podFixture("web", { schedulerName: "" }),
      situation: { kind: "waiting" },
    },
    {
      sentence: "a pod with a node",
      pod: podFixture("web", { nodeName: "a" }),
      situation: { kind: "placed", nodeName: "a" },
    },
    {
      sentence: "another scheduler's pod with a node",
      pod: podFixture("web", { schedulerName: "x", nodeName: "a" }),
      situation: { kind: "placed", nodeName: "a" },
    },
    {
      sentence: "a deleted pod that still runs",
      pod: podFixture("web", { nodeName: "a" }, deleted),
      situation: { kind: "placed", nodeName: "a" },
    },
    {
      sentence: "a pod that has succeeded",
      pod: { ...podFixture("web", { nodeName: "a" }), status: { phase: "Succeeded" } },
      situation: { kind: "over" },
    },
    {
      sentence: "a pod that has failed",
      pod: { ...podFixture(), status: { phase: "Failed" } },
      situation: { kind: "over" },
    },
    {
      sentence: "another scheduler's pod",
      pod: podFixture("web", { schedulerName: "x" }),
      situation: { kind: "not-ours" },
    },
    { sentence: "a deleted pod without a node", pod: podFixture("web", {}, deleted), situation: { kind: "not-ours" } },
    {
      sentence: "a pod behind a gate",
      pod: podFixture("web", { schedulingGates: [{ name: "quota" }] }),
      situation: { kind: "gated", message: "Scheduling is blocked due to non-empty scheduling gates" },
    },
  ])("$sentence is $situation.kind", ({ pod, situation }) => {
    expect(situationOf(pod)).toEqual(situation);
  });
});
