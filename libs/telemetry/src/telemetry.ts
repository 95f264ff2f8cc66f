import { context, type Meter, type Tracer } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "pino";
import { createLogger, type LoggerOptions } from "./logger.ts";

export interface TelemetryOptions extends LoggerOptions {
  /** Where spans go besides OTLP: the built-in collector, a test's memory. */
  readonly spanProcessors?: readonly SpanProcessor[];
  /** Who reads metrics besides OTLP: a test's memory. */
  readonly metricReaders?: readonly IMetricReader[];
  /** Read for OTEL_* variables. Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Telemetry extends AsyncDisposable {
  readonly tracer: Tracer;
  /** Costs next to nothing where nobody reads. */
  readonly meter: Meter;
  readonly log: Logger;
}

/**
 * A tracer, a meter and a logger for one service. Each service has its own provider, so that several in one
 * process keep their own service.name; they share one context manager.
 * Spans go out over OTLP/HTTP when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is
 * set (the exporter reads the standard OTEL_* variables itself) and OTEL_TRACES_EXPORTER is not "none"; metrics in the same way
 * (OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, OTEL_METRICS_EXPORTER), every OTEL_METRIC_EXPORT_INTERVAL milliseconds.
 */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  useAsyncContext();
  const env = options.env ?? process.env;
  const processors = [...(options.spanProcessors ?? [])];
  if (otlpWanted(env, "TRACES"))
    processors.push(new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 500 }));
  const attributes = { "service.name": options.service, ...(options.node ? { "k8s.node.name": options.node } : {}) };
  const resource = defaultResource().merge(resourceFromAttributes(attributes));
  const spans = new BasicTracerProvider({ resource, spanProcessors: processors });
  const metrics = new MeterProvider({ resource, readers: [...(options.metricReaders ?? []), ...otlpMetrics(env)] });
  return {
    tracer: spans.getTracer("podbus"),
    meter: metrics.getMeter("podbus"),
    log: createLogger(options),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([spans.shutdown(), metrics.shutdown()]);
    },
  };
}

type Env = Readonly<Record<string, string | undefined>>;

function otlpWanted(env: Env, signal: "TRACES" | "METRICS"): boolean {
  if (env.OTEL_SDK_DISABLED === "true" || env[`OTEL_${signal}_EXPORTER`] === "none") return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]);
}

function otlpMetrics(env: Env): IMetricReader[] {
  if (!otlpWanted(env, "METRICS")) return [];
  const exportIntervalMillis = Number(env.OTEL_METRIC_EXPORT_INTERVAL) || 60_000;
  const exportTimeoutMillis = Math.min(exportIntervalMillis, 30_000);
  return [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter(),
      exportIntervalMillis,
      exportTimeoutMillis,
    }),
  ];
}

let contextIsAsync = false;

function useAsyncContext(): void {
  if (contextIsAsync) return;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  contextIsAsync = true;
}
