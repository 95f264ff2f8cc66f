import type { SpanEventRecord, SpanRecord } from "./span-record.ts";

/** What JSON.parse gives back: nanoseconds are text, since JSON numbers cannot hold them. */
type SpanLine = Omit<SpanRecord, "startNs" | "endNs" | "events"> & {
  readonly startNs: string;
  readonly endNs: string;
  readonly events: readonly (Omit<SpanEventRecord, "atNs"> & { readonly atNs: string })[];
};

export function writeSpanLine(span: SpanRecord): string {
  return `${JSON.stringify(span, (_key, value) => (typeof value === "bigint" ? value.toString() : value))}\n`;
}

/** Undefined if the line is not whole, as the last one may be after a crash. */
export function readSpanLine(line: string): SpanRecord | undefined {
  try {
    const span = JSON.parse(line) as SpanLine;
    return {
      ...span,
      startNs: BigInt(span.startNs),
      endNs: BigInt(span.endNs),
      events: span.events.map((event) => ({ ...event, atNs: BigInt(event.atNs) })),
    };
  } catch {
    return undefined;
  }
}
