import { FakeClock } from "@podbus/clock";
import { afterEach, describe, expect, it } from "vitest";
import type { AttemptOutcome } from "../domain/attempt.ts";
import type { ProbeSpec } from "../domain/probe-spec.ts";
import { type ProbeReport, probeUntilEnded } from "./probe-loop.ts";
import { ProbeScheduler } from "./probe-scheduler.ts";

const ok: AttemptOutcome = { kind: "connected" };
const refused: AttemptOutcome = { kind: "no-answer", error: "refused" };

const readiness: ProbeSpec = {
  kind: "Readiness",
  action: { kind: "tcpSocket", host: "10.0.0.7", port: 80 },
  initialDelayMs: 0,
  periodMs: 10_000,
  timeoutMs: 1_000,
  thresholds: { success: 1, failure: 3 },
  known: undefined,
};

const stops: AbortController[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

interface Play {
  readonly spec?: Partial<ProbeSpec>;
  /** How attempt n (from 0) goes, and how long it takes. */
  readonly outcome?: (attempt: number) => AttemptOutcome;
  readonly attemptMs?: number | ((attempt: number) => number);
  readonly startedAgoMs?: number;
}

/** Starts a loop and writes down when attempts are made and what is reported, in milliseconds since the start. */
function play({ spec = {}, outcome = () => ok, attemptMs = 0, startedAgoMs = 0 }: Play) {
  const clock = new FakeClock();
  const stop = new AbortController();
  stops.push(stop);
  const beganMs = clock.now();
  const attempts: number[] = [];
  const reports: string[] = [];
  const gate = Promise.withResolvers<void>();
  const report = ({ verdict, changed, message }: ProbeReport) =>
    reports.push(`${clock.now() - beganMs} ${verdict}${changed ? "!" : ""}${message && ` ${message}`}`);
  const actions = {
    attempt: async () => {
      const count = attempts.push(clock.now() - beganMs);
      const tookMs = typeof attemptMs === "number" ? attemptMs : attemptMs(count - 1);
      if (tookMs > 0) await clock.sleep(tookMs, stop.signal);
      return outcome(count - 1);
    },
  };
  const ended = probeUntilEnded({
    spec: { ...readiness, ...spec },
    containerId: "c1",
    startedAtMs: beganMs - startedAgoMs,
    actions,
    clock,
    scheduler: new ProbeScheduler(clock),
    signal: stop.signal,
    mayBegin: gate.promise,
    report,
    attempted: () => {},
  });
  ended.catch(() => {});
  return { clock, stop, attempts, reports, ended, begin: () => gate.resolve() };
}

describe("when a probe is tried", () => {
  const table: [string, Play, number[]][] = [
    ["at once, then once a period", {}, [0, 10_000, 20_000, 30_000]],
    ["after its initial delay", { spec: { initialDelayMs: 5_000 } }, [5_000, 15_000, 25_000, 35_000]],
    [
      "at once where the delay is over",
      { spec: { initialDelayMs: 5_000 }, startedAgoMs: 60_000 },
      [0, 10_000, 20_000, 30_000],
    ],
    [
      "no later than the delay where the clock is wrong",
      { spec: { initialDelayMs: 5_000 }, startedAgoMs: -60_000 },
      [5_000, 15_000, 25_000, 35_000],
    ],
    ["a period after the last try began", { attemptMs: 800 }, [0, 10_000, 20_000, 30_000]],
    [
      "on its own times again after an attempt that took long",
      { attemptMs: (n) => (n === 1 ? 12_000 : 0) },
      [0, 10_000, 22_000, 30_000],
    ],
    ["never twice at a time", { attemptMs: 15_000 }, [0, 15_000, 30_000]],
    ["several times a second", { spec: { periodMs: 250 } }, Array.from({ length: 141 }, (_, n) => n * 250)],
  ];
  it.each(table)("%s", async (_sentence, scene, expected) => {
    const { clock, attempts, begin } = play(scene);
    begin();
    await clock.step(35_000);
    expect(attempts).toEqual(expected);
  });

  it.each([
    ["ahead", 3_600_000],
    ["back", -3_600_000],
  ])("on its times though the clock is set %s by an hour, in its delay and between two tries", async (_, jumpMs) => {
    const { clock, attempts, begin } = play({ spec: { initialDelayMs: 5_000 } });
    begin();
    await clock.step(2_000);
    clock.jump(jumpMs);
    await clock.step(5_000);
    clock.jump(-jumpMs);
    await clock.step(20_000);
    expect(attempts).toEqual([5_000 + jumpMs, 15_000, 25_000]);
  });

  it("not before it may begin", async () => {
    const { clock, attempts, reports, begin } = play({});
    await clock.step(12_000);
    expect([attempts, reports]).toEqual([[], ["0 Failure!"]]);
    begin();
    await clock.step(0);
    expect([attempts, reports]).toEqual([[12_000], ["0 Failure!", "12000 Success!"]]);
  });
});

describe("what is reported", () => {
  const failing = () => refused;
  const failed = (kind: string) => `${kind} probe failed: refused`;
  const table: [string, Play, string[]][] = [
    ["readiness: where it begins, and its first success", {}, ["0 Failure!", "0 Success!"]],
    [
      "readiness: each failed try, and the turn",
      { outcome: (n) => (n === 0 ? ok : refused) },
      [
        "0 Failure!",
        "0 Success!",
        `10000 Success ${failed("Readiness")}`,
        `20000 Success ${failed("Readiness")}`,
        `30000 Failure! ${failed("Readiness")}`,
      ],
    ],
    [
      "liveness: ends when the failure is reached",
      { spec: { kind: "Liveness" }, outcome: failing },
      [
        "0 Success!",
        `0 Success ${failed("Liveness")}`,
        `10000 Success ${failed("Liveness")}`,
        `20000 Failure! ${failed("Liveness")}`,
      ],
    ],
    [
      "startup: begins undecided, a reached failure is its only change",
      { spec: { kind: "Startup" }, outcome: failing },
      [
        "0 Failure",
        `0 Failure ${failed("Startup")}`,
        `10000 Failure ${failed("Startup")}`,
        `20000 Failure! ${failed("Startup")}`,
      ],
    ],
    ["startup: ends with its success", { spec: { kind: "Startup" } }, ["0 Failure", "0 Success!"]],
    ["startup that was done before is not tried", { spec: { kind: "Startup", known: "Success" } }, ["0 Success!"]],
    ["readiness that was known stays quiet", { spec: { known: "Success" } }, ["0 Success!"]],
    [
      "a try that could not be made changes nothing",
      { spec: { known: "Success" }, outcome: (n) => (n === 0 ? { kind: "errored", error: "no runtime" } : ok) },
      ["0 Success!", "0 Success Readiness probe errored: no runtime"],
    ],
  ];
  it.each(table)("%s", async (_sentence, scene, expected) => {
    const { clock, reports, begin } = play(scene);
    begin();
    await clock.step(35_000);
    expect(reports).toEqual(expected);
  });
});

it("ends with the signal, in the middle of a wait", async () => {
  const { clock, stop, ended, attempts, begin } = play({});
  begin();
  await clock.step(5_000);
  stop.abort(new Error("closed"));
  await expect(ended).rejects.toThrow("closed");
  await clock.step(60_000);
  expect(attempts).toEqual([0]);
});
