import type { SpanRecord } from "./domain/span-record.ts";

/** Where finished spans go; never blocks and never throws. */
export interface SpanSink {
  add(spans: readonly SpanRecord[]): void;
}

/** Where they are read. */
export interface TraceSource {
  get(traceId: string): readonly SpanRecord[] | undefined;
}

/** Spans that outlive the process. */
export interface SpanJournal extends AsyncDisposable {
  append(spans: readonly SpanRecord[]): void;
}
