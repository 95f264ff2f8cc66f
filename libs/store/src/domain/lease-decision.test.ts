import { describe, expect, it } from "vitest";
import {
  decideLease,
  heldBy,
  type LeaseDecision,
  type LeaseSpec,
  type ObservedLease,
  released,
} from "./lease-decision.ts";

const own = { identity: "me", durationMs: 15_000, nowMs: 100_000 };
const spec: LeaseSpec = { holderIdentity: "other", leaseDurationSeconds: 10 };
const seen: ObservedLease = { spec, revision: 7, sinceMs: 95_000 };

const decisions: Record<string, { observed: ObservedLease | undefined; decision: LeaseDecision }> = {
  "no lease: create it": { observed: undefined, decision: { kind: "create" } },
  "another renewed lately: wait for the rest": { observed: seen, decision: { kind: "wait", forMs: 5_000 } },
  "another has been silent for its duration: take it": {
    observed: { ...seen, sinceMs: 90_000 },
    decision: { kind: "take", revision: 7 },
  },
  "it was released: take it": {
    observed: { ...seen, spec: { ...spec, holderIdentity: "" } },
    decision: { kind: "take", revision: 7 },
  },
  "it is ours from before a restart: take it": {
    observed: { ...seen, spec: { ...spec, holderIdentity: "me" } },
    decision: { kind: "take", revision: 7 },
  },
  "without a duration our own counts": {
    observed: { ...seen, spec: { holderIdentity: "other" } },
    decision: { kind: "wait", forMs: 10_000 },
  },
};

describe("decideLease", () => {
  for (const [sentence, { observed, decision }] of Object.entries(decisions)) {
    it(sentence, () => expect(decideLease(observed, own)).toEqual(decision));
  }
});

describe("heldBy", () => {
  const now = Date.UTC(2026, 0, 1);
  const first = heldBy(undefined, "a", 15_000, now);

  it("makes a new lease without a transition", () => {
    expect(first).toEqual({
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      acquireTime: "2026-01-01T00:00:00.000000Z",
      renewTime: "2026-01-01T00:00:00.000000Z",
      leaseTransitions: 0,
    });
  });
  it("keeps the time of acquisition when it renews", () => {
    const renewed = heldBy(first, "a", 15_000, now + 5_000);
    expect(renewed).toEqual({ ...first, renewTime: "2026-01-01T00:00:05.000000Z" });
  });
  it("counts a change of the holder, also after a release", () => {
    expect(heldBy(first, "b", 15_000, now).leaseTransitions).toBe(1);
    expect(heldBy(released(first, now), "b", 15_000, now).leaseTransitions).toBe(1);
  });
});
