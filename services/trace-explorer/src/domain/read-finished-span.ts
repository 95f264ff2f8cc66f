import { SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { cut } from "./read-otlp.ts";
import type { SpanRecord } from "./span-record.ts";

/** A span of this very process, as the SDK hands it to its processors. */
export function readFinishedSpan(span: ReadableSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId ?? "",
    name: span.name,
    service: String(span.resource.attributes["service.name"] ?? "unknown_service"),
    startNs: nanosecondsOf(span.startTime),
    endNs: nanosecondsOf(span.endTime),
    attributes: textAttributes(span.attributes),
    failed: span.status.code === SpanStatusCode.ERROR,
    statusMessage: span.status.message ?? "",
    events: span.events.map(({ name, time, attributes }) => ({
      name,
      atNs: nanosecondsOf(time),
      attributes: textAttributes(attributes ?? {}),
    })),
  };
}

/** Not hrTimeToNanoseconds: a Unix time in nanoseconds does not fit a number. */
const nanosecondsOf = ([seconds, nanoseconds]: readonly [number, number]) =>
  BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanoseconds));

function textAttributes(attributes: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      cut(typeof value === "string" ? value : JSON.stringify(value)),
    ]),
  );
}
