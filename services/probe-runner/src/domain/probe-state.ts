/** The three kinds of probe, as Kubernetes' messages name them. */
export type ProbeKindName = "Startup" | "Readiness" | "Liveness";

export type VerdictName = "Success" | "Failure";

/** What one attempt saw. Unknown is an attempt that could not be made: it says nothing of the container. */
export type AttemptResult = "Success" | "Failure" | "Unknown";

export interface Thresholds {
  readonly success: number;
  readonly failure: number;
}

/**
 * How the verdict goes; f and s are the thresholds, and Unknown moves nothing. In brackets: not decided yet.
 *
 *               s × success                              success
 *   readiness   ──────────▶         startup   [Failure] ─────────▶ Success, ended
 *      Failure              Success               │
 *               ◀──────────                       │ f × failure
 *               f × failure                       ▼
 *   begins [Failure]                          Failure, ended: killed
 *
 *               f × failure
 *   liveness    ──────────▶ Failure, ended: killed
 *      [Success]
 *
 * Startup and liveness end with a Failure that was reached: the container is going to be killed, and probing it meanwhile may do
 * harm (kubernetes issue 21751). Liveness and readiness wait for the startup probe's Success.
 */
export interface ProbeState {
  readonly verdict: VerdictName;
  /** Whether the verdict was found, by this container's probes or by an earlier runner; else it is only assumed. */
  readonly decided: boolean;
  readonly lastResult: VerdictName | undefined;
  /** How many times in a row `lastResult` was seen. */
  readonly run: number;
  readonly ended: boolean;
}

/**
 * Where a probe begins. Without an earlier verdict readiness and startup are Failure, liveness is Success.
 * Kubernetes: prober/worker.go, newWorker (startup is Unknown there: Failure that was not reached).
 */
export function initialState(kind: ProbeKindName, known: VerdictName | undefined): ProbeState {
  const verdict = known ?? (kind === "Liveness" ? "Success" : "Failure");
  const ended = kind === "Startup" && verdict === "Success";
  return { verdict, decided: known !== undefined, lastResult: undefined, run: 0, ended };
}

export interface Step {
  readonly state: ProbeState;
  /** Whether this attempt made the verdict: it turned, or a verdict that was only assumed was reached. */
  readonly changed: boolean;
}

/** One attempt's effect. Kubernetes: prober/worker.go, doProbe. */
export function nextVerdict(
  kind: ProbeKindName,
  thresholds: Thresholds,
  state: ProbeState,
  result: AttemptResult,
): Step {
  if (result === "Unknown") return { state, changed: false };
  const run = state.lastResult === result ? state.run + 1 : 1;
  const counted: ProbeState = { ...state, lastResult: result, run };
  if (run < (result === "Success" ? thresholds.success : thresholds.failure)) return { state: counted, changed: false };
  const fatal = kind !== "Readiness" && result === "Failure";
  const ended = fatal || (kind === "Startup" && result === "Success");
  const changed = result !== state.verdict || !state.decided;
  return { state: { ...counted, verdict: result, decided: true, ended }, changed };
}
