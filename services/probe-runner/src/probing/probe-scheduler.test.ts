import { FakeClock } from "@podbus/clock";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextDue, roomOfSecond } from "../domain/attempt-times.ts";
import type { ProbeSpec } from "../domain/probe-spec.ts";
import { tickMs } from "../domain/timer-wheel.ts";
import { probeUntilEnded } from "./probe-loop.ts";
import { ProbeScheduler } from "./probe-scheduler.ts";

const readiness: ProbeSpec = {
  kind: "Readiness",
  action: { kind: "tcpSocket", host: "10.0.0.7", port: 80 },
  initialDelayMs: 0,
  periodMs: 1_000,
  timeoutMs: 1_000,
  thresholds: { success: 1, failure: 3 },
  known: undefined,
};

interface Probe {
  readonly spec: ProbeSpec;
  readonly beginsMs: number;
  /** How long attempt n takes. */
  readonly tookMs: (attempt: number) => number;
}

/** Runs probes on one scheduler; answers when the attempts of each began, and how many timers the scheduler held at most. */
async function play(probes: readonly Probe[], ms: number): Promise<{ attempts: number[][]; timers: number }> {
  const clock = new FakeClock();
  const scheduler = new ProbeScheduler(clock);
  const stop = new AbortController();
  const zero = clock.monotonic();
  let timers = 0;
  const attempts = probes.map(({ spec, beginsMs, tookMs }) => {
    const began: number[] = [];
    const attempt = async () => {
      const count = began.push(clock.monotonic() - zero);
      if (tookMs(count - 1) === 0) timers = Math.max(timers, clock.waiting);
      else await clock.sleep(tookMs(count - 1), stop.signal);
      return { kind: "connected" } as const;
    };
    const mayBegin = beginsMs === 0 ? Promise.resolve() : clock.sleep(beginsMs);
    const { signal } = stop;
    const given = { spec, containerId: "c", startedAtMs: 0, actions: { attempt }, clock, scheduler, signal };
    probeUntilEnded({ ...given, mayBegin, report: () => {}, attempted: () => {} }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return began;
  });
  await clock.step(ms);
  stop.abort(new Error("over"));
  await clock.step(0);
  expect(clock.waiting, "timers that are left").toBe(0);
  return { attempts, timers };
}

/** When the attempts of a probe begin that has the node for itself, and whose second one is due at `secondMs`. */
function alone({ spec, beginsMs, tookMs }: Probe, secondMs: number, untilMs: number): number[] {
  const began = [beginsMs];
  for (let dueMs = secondMs, endedMs = beginsMs + tookMs(0); ; ) {
    const atMs = Math.max(dueMs, endedMs);
    if (atMs > untilMs) return began;
    endedMs = atMs + tookMs(began.push(atMs) - 1);
    dueMs = nextDue(dueMs, spec.periodMs, endedMs);
  }
}

/** Every time at which its second attempt may be due. */
function secondTimes({ spec, beginsMs, tookMs }: Probe): number[] {
  const endedMs = beginsMs + tookMs(0);
  const ownMs = nextDue(beginsMs, spec.periodMs, endedMs);
  const { earlierMs, laterMs } = roomOfSecond(spec);
  const times = [];
  for (let atMs = ownMs - earlierMs; atMs <= ownMs + laterMs; atMs += tickMs) times.push(atMs);
  return [ownMs, ...times];
}

/** In ticks, so that no time is rounded. */
const ticks = (from: number, to: number) => fc.integer({ min: from / tickMs, max: to / tickMs }).map((n) => n * tickMs);
const probes = fc.array(
  fc.record({
    kind: fc.constantFrom("Readiness" as const, "Liveness" as const, "Startup" as const),
    periodMs: ticks(100, 2_000),
    beginsMs: fc.constantFrom(0, 0, 250, 1_000),
    took: fc.array(ticks(0, 3_000), { minLength: 1, maxLength: 5 }),
  }),
  { minLength: 2, maxLength: 12 },
);

describe("ProbeScheduler", () => {
  it("no probe delays another: each keeps the times that it has alone, but for its phase", async () => {
    const untilMs = 8_000;
    await fc.assert(
      fc.asyncProperty(probes, async (drawn) => {
        const played: Probe[] = drawn.map(({ kind, periodMs, beginsMs, took }) => ({
          // A startup probe that succeeds would end.
          spec: { ...readiness, kind, periodMs, thresholds: { success: kind === "Startup" ? 1_000 : 1, failure: 3 } },
          beginsMs,
          tookMs: (attempt) => took[attempt % took.length] ?? 0,
        }));
        const { attempts } = await play(played, untilMs);
        for (const [at, probe] of played.entries()) {
          expect(secondTimes(probe).map((secondMs) => alone(probe, secondMs, untilMs))).toContainEqual(attempts[at]);
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("330 probes that begin together are spread over the period, and stay so", async () => {
    const many = Array.from({ length: 330 }, (_, n): Probe => {
      const kind = n % 2 === 0 ? "Readiness" : "Liveness";
      return { spec: { ...readiness, kind }, beginsMs: 0, tookMs: () => 0 };
    });
    const { attempts } = await play(many, 10_000);
    expect(attempts.every(([first]) => first === 0)).toBe(true);
    const inTick = Map.groupBy(
      attempts.flatMap((began) => began.slice(1)),
      (atMs) => atMs,
    );
    expect(Math.max(...[...inTick.values()].map((at) => at.length))).toBeLessThanOrEqual(6);
    for (const [, second = 0, ...later] of attempts)
      expect(later).toEqual(later.map((_, n) => second + (n + 1) * 1_000));
  });

  it("holds one timer for any number of probes", async () => {
    const three = [100, 250, 1_000].map((periodMs) => ({ ...readiness, periodMs }));
    const { timers } = await play(
      three.map((spec) => ({ spec, beginsMs: 0, tookMs: () => 0 })),
      5_000,
    );
    expect(timers).toBe(1);
  });

  it("waits no longer for whoever gave up, and needs no timer then", async () => {
    const clock = new FakeClock();
    const scheduler = new ProbeScheduler(clock);
    const stop = new AbortController();
    const [near, far] = [
      scheduler.until(clock.monotonic() + 50, stop.signal),
      scheduler.until(clock.monotonic() + 90, new AbortController().signal),
    ];
    near.catch(() => {});
    stop.abort(new Error("enough"));
    await expect(near).rejects.toThrow("enough");
    expect(clock.waiting).toBe(1);
    await clock.step(90);
    await far;
    expect(clock.waiting).toBe(0);
    await expect(scheduler.until(0, stop.signal)).rejects.toThrow("enough");
  });
});
