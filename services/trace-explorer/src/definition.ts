import type { StatelessServiceDefinition } from "@podbus/service";
import { type TraceExplorerConfig, traceExplorerConfig } from "./config.ts";
import { startTraceExplorer } from "./service.ts";
import type { TraceStore } from "./trace-store.ts";

/** `store`: where the host's own spans go too (collectorSpanProcessor); the host closes it. */
export function traceExplorerWith(store?: TraceStore): StatelessServiceDefinition<TraceExplorerConfig> {
  return {
    name: "trace-explorer",
    scope: "stateless",
    configSchema: traceExplorerConfig,
    start: (runtime, config) => startTraceExplorer(runtime, config, store),
  };
}

export const traceExplorer = traceExplorerWith();
