import type { ClusterServiceDefinition } from "@podbus/service";
import { type TraceExplorerConfig, traceExplorerConfig } from "./config.ts";
import { startTraceExplorer } from "./service.ts";
import type { TraceStore } from "./trace-store.ts";

/** `store`: where the host's own spans go too (collectorSpanProcessor); the host closes it. */
export function traceExplorerWith(store?: TraceStore): ClusterServiceDefinition<TraceExplorerConfig> {
  return {
    name: "trace-explorer",
    scope: "cluster",
    configSchema: traceExplorerConfig,
    start: (runtime, config) => startTraceExplorer(runtime, config, store),
  };
}

export const traceExplorer = traceExplorerWith();
