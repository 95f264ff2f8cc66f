import { describe, expect, it } from "vitest";
import { attemptKey, PullAttempts } from "./pull-attempts.ts";

const key = attemptKey("uid-1", "app:1");

describe("PullAttempts", () => {
  it("doubles the wait from 10 s to 300 s while pulls go on failing", () => {
    const attempts = new PullAttempts();
    let nowMs = 0;
    const waits: number[] = [];
    for (let pullId = 1; pullId <= 7; pullId++) {
      const backOff = attempts.fail(key, { pullId, cause: "gone", wallMs: nowMs }, nowMs);
      expect(backOff.attempt).toBe(pullId);
      waits.push(backOff.remainingMs);
      nowMs = backOff.untilMs;
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it("counts a pull that two calls waited for once", () => {
    const attempts = new PullAttempts();
    attempts.fail(key, { pullId: 1, cause: "gone", wallMs: 0 }, 0);
    expect(attempts.fail(key, { pullId: 1, cause: "gone", wallMs: 0 }, 5)).toEqual({
      cause: "gone",
      attempt: 1,
      untilMs: 10_000,
      remainingMs: 9_995,
    });
  });

  it("keeps pods and images apart", () => {
    const attempts = new PullAttempts();
    attempts.fail(key, { pullId: 1, cause: "gone", wallMs: 0 }, 0);
    expect(attempts.current(attemptKey("uid-2", "app:1"), 0)).toBeUndefined();
    expect(attempts.current(attemptKey("uid-1", "app:2"), 0)).toBeUndefined();
  });

  it("starts again after a success", () => {
    const attempts = new PullAttempts();
    attempts.fail(key, { pullId: 1, cause: "gone", wallMs: 0 }, 0);
    attempts.succeed(key);
    expect(attempts.current(key, 1)).toBeUndefined();
    expect(attempts.fail(key, { pullId: 2, cause: "gone", wallMs: 0 }, 2).attempt).toBe(1);
  });

  it("forgets a failure that nobody has retried for long", () => {
    const attempts = new PullAttempts();
    attempts.fail(key, { pullId: 1, cause: "gone", wallMs: 0 }, 0);
    expect(attempts.current(key, 700_000)).toBeUndefined();
  });

  it("does not grow with pods that come, fail and go", () => {
    const attempts = new PullAttempts();
    let largest = 0;
    for (let pod = 1; pod <= 10_000; pod++) {
      attempts.fail(attemptKey(`uid-${pod}`, "app:1"), { pullId: pod, cause: "gone", wallMs: 0 }, pod * 10_000);
      largest = Math.max(largest, attempts.size);
    }
    // One every 10 s, each remembered for 10 s of back-off and 600 s more.
    expect(largest).toBe(62);
  });
});
