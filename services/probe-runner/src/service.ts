import { createNoopMeter } from "@opentelemetry/api";
import { ProbeMonitor, ProbeRunner } from "@podbus/contracts";
import { type Cri, createCri } from "@podbus/cri";
import type { ServiceRuntime } from "@podbus/service";
import { createNodeActions } from "./adapters/node-actions.ts";
import type { ProbeRunnerConfig } from "./config.ts";
import { runProbes } from "./handlers/run-probes.ts";
import { watchResults } from "./handlers/watch-results.ts";
import { createProbeMetrics } from "./probing/probe-metrics.ts";
import { ProbeScheduler } from "./probing/probe-scheduler.ts";
import { ResultBoard } from "./probing/result-board.ts";

/** Serves ProbeRunner and ProbeMonitor of this node. `parts` replaces what is otherwise made from the configuration, for tests. */
export async function startProbeRunner(
  runtime: ServiceRuntime,
  config: ProbeRunnerConfig,
  parts: { readonly cri?: Cri } = {},
): Promise<AsyncDisposable> {
  const { bus, clock, log, tracer, meter = createNoopMeter() } = runtime;
  await using started = new AsyncDisposableStack();
  const cri = parts.cri ?? started.use(createCri({ endpoint: config.criEndpoint, clock }));
  const actions = createNodeActions(cri, { clock, metadata: config.metadata });
  const [scheduler, metrics] = [new ProbeScheduler(clock), createProbeMetrics(meter)];
  const board = new ResultBoard();
  const deps = { actions, scheduler, board, metrics, clock, log, tracer };
  const node = { node: config.nodeName };
  started.use(await bus.serve(ProbeRunner, node, { runProbes: (request, call) => runProbes(deps, request, call) }));
  started.use(await bus.serve(ProbeMonitor, node, { watchResults: (_request, call) => watchResults(board, call) }));
  return started.move();
}
