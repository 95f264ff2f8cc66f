import type { MessageInitShape } from "@bufbuild/protobuf";
import { context as active, type Context, type Tracer } from "@opentelemetry/api";
import type { CallContext } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { RunProbesRequest, RunProbesResponseSchema } from "@podbus/contracts";
import type { Logger } from "@podbus/telemetry";
import { checkProbes, type ProbedContainer, type ProbeSpec } from "../domain/probe-spec.ts";
import type { ProbeActions } from "../ports.ts";
import { type ProbeReport, probeUntilEnded } from "../probing/probe-loop.ts";
import type { ProbeMetrics } from "../probing/probe-metrics.ts";
import type { ProbeScheduler } from "../probing/probe-scheduler.ts";
import type { ResultBoard } from "../probing/result-board.ts";
import { VerdictStream } from "../probing/verdict-stream.ts";
import { kindNumbers, verdictNumbers } from "./probe-numbers.ts";

export interface RunProbesDeps {
  readonly actions: ProbeActions;
  readonly clock: Clock;
  /** One for all containers. */
  readonly scheduler: ProbeScheduler;
  readonly board: ResultBoard;
  readonly metrics: ProbeMetrics;
  readonly tracer: Tracer;
  readonly log: Logger;
}

type Response = MessageInitShape<typeof RunProbesResponseSchema>;

/**
 * ProbeRunner.RunProbes: probes while the call is open. First the verdict that each probe begins with, then each verdict
 * that changes and each attempt that failed. Ends with the call's signal and in no other way.
 */
export function runProbes(
  deps: RunProbesDeps,
  request: RunProbesRequest,
  call: CallContext,
): AsyncGenerator<Response, void, void> {
  return probing(deps, checkProbes(request), call.signal, active.active());
}

async function* probing(
  deps: RunProbesDeps,
  container: ProbedContainer,
  signal: AbortSignal,
  parent: Context,
): AsyncGenerator<Response, void, void> {
  const { board, clock, log } = deps;
  const line = { step: "probes", container: container.name, pod: `${container.pod.namespace}/${container.pod.name}` };
  log.info({ ...line, phase: "begin", probes: container.probes.map(({ kind }) => kind) }, "probing a container");
  const ending = new AbortController();
  const end = () => ending.abort(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  const reports = new VerdictStream<ProbeReport>();
  ending.signal.addEventListener("abort", () => reports.end(), { once: true });
  const openedMs = clock.now();
  using _place = board.enter(container);
  try {
    const loops = startLoops(deps, container, {
      signal: ending.signal,
      report: (report) => {
        reports.push(report);
        board.tell(container, report, clock.now());
      },
      onFirstSuccess: (spec) => spanFirstSuccess(deps, container, spec, { parent, openedMs }),
    });
    // A loop that breaks is a bug: the caller hears of it, and opens the stream again.
    loops.catch((error: unknown) => {
      if (!ending.signal.aborted) reports.fail(error);
    });
    if (ending.signal.aborted) reports.end();
    for await (const report of reports.read()) {
      const { failed, message } = report;
      if (failed) log.info({ ...line, step: "probe", ...failed }, message);
      yield responseOf(report);
    }
  } finally {
    signal.removeEventListener("abort", end);
    end();
    log.info({ ...line, phase: "end" }, "no longer probing a container");
  }
}

interface LoopListeners {
  readonly signal: AbortSignal;
  readonly report: (report: ProbeReport) => void;
  readonly onFirstSuccess: (spec: ProbeSpec) => void;
}

/** Each probe has its loop; the startup probe holds back the others until it has succeeded. */
async function startLoops(
  { actions, clock, scheduler, metrics }: RunProbesDeps,
  container: ProbedContainer,
  { signal, report, onFirstSuccess }: LoopListeners,
): Promise<void> {
  const { id: containerId, startedAtMs, probes } = container;
  const started = Promise.withResolvers<void>();
  if (!probes.some(({ kind }) => kind === "Startup")) started.resolve();
  const awaited = new Set(probes.filter(marksStart));
  const listen = (seen: ProbeReport) => {
    report(seen);
    if (seen.verdict !== "Success") return;
    if (seen.spec.kind === "Startup") started.resolve();
    if (awaited.delete(seen.spec)) onFirstSuccess(seen.spec);
  };
  await Promise.all(
    probes.map((spec) => {
      const mayBegin = spec.kind === "Startup" ? Promise.resolve() : started.promise;
      const means = { actions, clock, scheduler, signal };
      const attempted = metrics.of(container, spec);
      return probeUntilEnded({ spec, containerId, startedAtMs, ...means, mayBegin, report: listen, attempted });
    }),
  );
}

/** Startup and readiness are what a pod's start waits for; a verdict that an earlier runner found is none. */
function marksStart({ kind, known }: ProbeSpec): boolean {
  return kind !== "Liveness" && known !== "Success";
}

/** From the opening of the stream, so that the trace shows how long the container took to answer. */
function spanFirstSuccess(
  { tracer, clock }: RunProbesDeps,
  container: ProbedContainer,
  spec: ProbeSpec,
  { parent, openedMs }: { readonly parent: Context; readonly openedMs: number },
): void {
  const attributes = { container: container.name, probe: spec.kind.toLowerCase() };
  tracer.startSpan("first probe success", { attributes, startTime: openedMs }, parent).end(clock.now());
}

function responseOf({ spec, verdict, changed, message, failed }: ProbeReport): Response {
  return {
    kind: kindNumbers[spec.kind],
    verdict: verdictNumbers[verdict],
    changed,
    message,
    ...(failed ? { asked: failed.asked } : {}),
  };
}
