import type { SpanRecord } from "./span-record.ts";

const originNs = 1_760_000_000_000_000_000n;

/** A span for tests; times in milliseconds after one fixed moment. */
export function spanRecord(
  change: Partial<SpanRecord> & { readonly startMs?: number; readonly durationMs?: number } = {},
): SpanRecord {
  const { startMs = 0, durationMs = 1, ...rest } = change;
  const startNs = originNs + nanoseconds(startMs);
  return {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    parentSpanId: "",
    name: "POST pods",
    service: "api-gateway",
    startNs,
    endNs: startNs + nanoseconds(durationMs),
    attributes: {},
    failed: false,
    statusMessage: "",
    events: [],
    ...rest,
  };
}

const nanoseconds = (ms: number) => BigInt(Math.round(ms * 1e6));
