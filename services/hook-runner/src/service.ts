import { createNoopMeter } from "@opentelemetry/api";
import { HookRunner } from "@podbus/contracts";
import { type Cri, createCri } from "@podbus/cri";
import type { ServiceRuntime } from "@podbus/service";
import { createNodeActions } from "./adapters/node-actions.ts";
import type { HookRunnerConfig } from "./config.ts";
import { runHook } from "./handlers/run-hook.ts";
import { createHookMetrics } from "./hook-metrics.ts";

/** Serves HookRunner of this node. `parts` replaces what is otherwise made from the configuration, for tests. */
export async function startHookRunner(
  runtime: ServiceRuntime,
  config: HookRunnerConfig,
  parts: { readonly cri?: Cri } = {},
): Promise<AsyncDisposable> {
  const { bus, clock, log, meter = createNoopMeter() } = runtime;
  await using started = new AsyncDisposableStack();
  const cri = parts.cri ?? started.use(createCri({ endpoint: config.criEndpoint, clock }));
  const actions = createNodeActions(cri, { clock, metadata: config.metadata });
  const deps = { actions, clock, log, metrics: createHookMetrics(meter) };
  const serving = await bus.serve(
    HookRunner,
    { node: config.nodeName },
    { runHook: (request, call) => runHook(deps, request, call) },
  );
  started.use(serving);
  return started.move();
}
