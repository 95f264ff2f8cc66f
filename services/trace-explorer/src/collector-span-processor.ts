import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { readFinishedSpan } from "./domain/read-finished-span.ts";
import type { SpanSink } from "./ports.ts";

/** Hands the spans of services in this process straight to the collector: no HTTP, no wait for a batch. */
export function collectorSpanProcessor(sink: SpanSink): SpanProcessor {
  return {
    onStart() {},
    onEnd(span: ReadableSpan) {
      sink.add([readFinishedSpan(span)]);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}
