import { TraceExplorer } from "@podbus/contracts";
import type { ServiceRuntime } from "@podbus/service";
import { startOtlpReceiver } from "./adapters/otlp-receiver.ts";
import type { TraceExplorerConfig } from "./config.ts";
import { getTrace } from "./handlers/get-trace.ts";
import { TraceStore } from "./trace-store.ts";

/**
 * Serves TraceExplorer and receives OTLP. `store`: given by a process that also feeds its own spans into it
 * (collectorSpanProcessor) and closes it; otherwise this service opens and closes one.
 */
export async function startTraceExplorer(
  runtime: ServiceRuntime,
  config: TraceExplorerConfig,
  store?: TraceStore,
): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const traces = store ?? starting.use(await TraceStore.open({ ...config, log: runtime.log }));
  if (config.otlpAddress) {
    const receiver = await startOtlpReceiver({ ...config.otlpAddress, sink: traces, log: runtime.log });
    runtime.log.info({ host: config.otlpAddress.host, port: receiver.port }, "receiving OTLP/HTTP");
    starting.use(receiver);
  }
  starting.use(await runtime.bus.serve(TraceExplorer, {}, { getTrace: getTrace(traces) }));
  return starting.move();
}
