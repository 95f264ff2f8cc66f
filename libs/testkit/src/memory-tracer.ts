import type { Tracer } from "@opentelemetry/api";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createTelemetry, type Telemetry } from "@podbus/telemetry";

/** Spans of several services, kept in memory. */
export interface MemoryTracer extends AsyncDisposable {
  /** A tracer whose spans carry this service.name; always the same for the same name. */
  tracer(service: string): Tracer;
  /** For createTelemetry, where a service makes its tracer itself. */
  readonly processor: SimpleSpanProcessor;
  /** Ended spans, in order of their end. */
  spans(filter?: { readonly service?: string; readonly traceId?: string; readonly name?: string }): ReadableSpan[];
  /** The spans as "service:name → service:name" (child → parent); roots have no arrow. Sorted. For exact assertions. */
  edges(traceId?: string): string[];
  clear(): void;
}

export function memoryTracer(): MemoryTracer {
  const exporter = new InMemorySpanExporter();
  const processor = new SimpleSpanProcessor(exporter);
  const telemetries = new Map<string, Telemetry>();
  const telemetryOf = (service: string): Telemetry => {
    const known = telemetries.get(service);
    if (known) return known;
    const made = createTelemetry({ service, level: "silent", spanProcessors: [processor], env: {} });
    telemetries.set(service, made);
    return made;
  };
  const spans: MemoryTracer["spans"] = ({ service, traceId, name } = {}) =>
    exporter
      .getFinishedSpans()
      .filter((span) => service === undefined || serviceOf(span) === service)
      .filter((span) => traceId === undefined || span.spanContext().traceId === traceId)
      .filter((span) => name === undefined || span.name === name);
  return {
    tracer: (service) => telemetryOf(service).tracer,
    processor,
    spans,
    edges: (traceId) => edgesOf(spans(traceId === undefined ? {} : { traceId })),
    clear: () => exporter.reset(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...telemetries.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

export function serviceOf(span: ReadableSpan): string {
  return String(span.resource.attributes["service.name"] ?? "");
}

function edgesOf(spans: readonly ReadableSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const nameOf = (span: ReadableSpan) => `${serviceOf(span)}:${span.name}`;
  const edge = (span: ReadableSpan) => {
    const parentId = span.parentSpanContext?.spanId;
    if (parentId === undefined) return nameOf(span);
    const parent = byId.get(parentId);
    return `${nameOf(span)} → ${parent ? nameOf(parent) : "(unknown)"}`;
  };
  return spans.map(edge).sort();
}
