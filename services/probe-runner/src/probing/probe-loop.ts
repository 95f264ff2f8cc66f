import type { Clock } from "@podbus/clock";
import { type Attempt, askedText, attemptMessage, judgeAttempt } from "../domain/attempt.ts";
import { nextDue, roomOfFirst, roomOfSecond } from "../domain/attempt-times.ts";
import type { ProbeSpec } from "../domain/probe-spec.ts";
import {
  type AttemptResult,
  initialState,
  nextVerdict,
  type ProbeState,
  type VerdictName,
} from "../domain/probe-state.ts";
import type { ProbeActions } from "../ports.ts";
import type { ProbeScheduler } from "./probe-scheduler.ts";

export interface ProbeReport {
  readonly spec: ProbeSpec;
  readonly verdict: VerdictName;
  readonly changed: boolean;
  /** "" where there is nothing to tell. */
  readonly message: string;
  /** The attempt that failed, if one did. */
  readonly failed?: { readonly asked: string; readonly tookMs: number };
}

export interface ProbeLoopOptions {
  readonly spec: ProbeSpec;
  readonly containerId: string;
  /** Wall-clock time of the container's start, Unix milliseconds. */
  readonly startedAtMs: number;
  readonly actions: ProbeActions;
  readonly clock: Clock;
  /** Of all probes of the node. */
  readonly scheduler: ProbeScheduler;
  readonly signal: AbortSignal;
  /** Resolves when the probe may begin: at once, or when the startup probe has succeeded. */
  readonly mayBegin: Promise<void>;
  readonly report: (report: ProbeReport) => void;
  /** Hears of every attempt. */
  readonly attempted: (result: AttemptResult, tookMs: number) => void;
}

/**
 * Probes until the probe has ended or the signal comes. The first attempt is made as soon as the initial delay is over:
 * unlike the kubelet's, which waits for a random part of the period. Attempts are due one period apart; one that takes longer
 * delays the next, they never overlap.
 */
export async function probeUntilEnded(options: ProbeLoopOptions): Promise<void> {
  const { spec, clock, scheduler, signal, mayBegin, report } = options;
  let state = initialState(spec.kind, spec.known);
  // A startup probe that nobody has decided is no failed one: who hears "startup failed" kills the container.
  report({ spec, verdict: state.verdict, changed: state.decided || spec.kind !== "Startup", message: "" });
  await mayBegin;
  if (state.ended) return;
  let dueMs = scheduler.place(clock.monotonic() + leftOfInitialDelay(options), roomOfFirst(spec));
  for (let attempts = 0; ; attempts++) {
    await scheduler.until(dueMs, signal);
    const beganMs = clock.monotonic();
    const attempt = await attemptOnce(options);
    const endedMs = clock.monotonic();
    options.attempted(attempt.result, endedMs - beganMs);
    state = applied(options, state, attempt, Math.round(endedMs - beganMs));
    if (state.ended) return;
    dueMs = nextDue(dueMs, spec.periodMs, endedMs);
    if (attempts === 0) dueMs = scheduler.place(dueMs, roomOfSecond(spec));
  }
}

function leftOfInitialDelay({ spec, startedAtMs, clock }: ProbeLoopOptions): number {
  const leftMs = startedAtMs + spec.initialDelayMs - clock.now();
  // Never more than the delay itself, even where the wall clock has jumped back.
  return Math.min(spec.initialDelayMs, Math.max(0, leftMs));
}

async function attemptOnce({ spec, containerId, actions, signal }: ProbeLoopOptions): Promise<Attempt> {
  const outcome = await actions.attempt(containerId, spec.action, { timeoutMs: spec.timeoutMs, signal });
  signal.throwIfAborted();
  return judgeAttempt(spec.action, outcome);
}

function applied({ spec, report }: ProbeLoopOptions, before: ProbeState, attempt: Attempt, tookMs: number): ProbeState {
  const { state, changed } = nextVerdict(spec.kind, spec.thresholds, before, attempt.result);
  const { verdict } = state;
  if (attempt.result !== "Success") {
    const failed = { asked: askedText(spec.action), tookMs };
    report({ spec, verdict, changed, message: attemptMessage(spec.kind, attempt), failed });
  } else if (changed) report({ spec, verdict, changed, message: "" });
  return state;
}
