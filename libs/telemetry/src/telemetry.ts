import { context, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "pino";
import { createLogger, type LoggerOptions } from "./logger.ts";

export interface TelemetryOptions extends LoggerOptions {
  /** Where spans go besides OTLP: the built-in collector, a test's memory. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Read for OTEL_* variables. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Telemetry extends AsyncDisposable {
  readonly tracer: Tracer;
  readonly log: Logger;
}

/**
 * A tracer and a logger for one service. Each service has its own provider, so that several in one
 * process keep their own service.name; they share one context manager.
 * Spans go out over OTLP/HTTP when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is
 * set (the exporter reads the standard OTEL_* variables itself) and OTEL_TRACES_EXPORTER is not "none".
 */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  useAsyncContext();
  const env = options.env ?? process.env;
  const processors = [...(options.spanProcessors ?? [])];
  if (otlpWanted(env)) processors.push(new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 500 }));
  const attributes = { "service.name": options.service, ...(options.node ? { "k8s.node.name": options.node } : {}) };
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes(attributes)),
    spanProcessors: processors,
  });
  return {
    tracer: provider.getTracer("podbus"),
    log: createLogger(options),
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}

function otlpWanted(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.OTEL_SDK_DISABLED === "true" || env.OTEL_TRACES_EXPORTER === "none") return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

let contextIsAsync = false;

function useAsyncContext(): void {
  if (contextIsAsync) return;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  contextIsAsync = true;
}
