import type { SpanRecord } from "./span-record.ts";

export interface TraceRingLimits {
  /** Traces kept; the one that was silent for longest goes first. */
  readonly maxTraces: number;
  /** Spans kept over all traces. */
  readonly maxSpans: number;
  /** Spans kept of one trace; the first ones stay, since they tell the start. */
  readonly maxSpansPerTrace: number;
}

/** The recent traces, bounded in every direction. A span that arrives twice is kept once. */
export class TraceRing {
  readonly #limits: TraceRingLimits;
  /** In order of their last span: the first is the next to go. */
  readonly #traces = new Map<string, Map<string, SpanRecord>>();
  #spans = 0;

  constructor(limits: TraceRingLimits) {
    this.#limits = limits;
  }

  /** Answers whether the span was new and kept. */
  add(span: SpanRecord): boolean {
    const trace = this.#touch(span.traceId);
    if (trace.has(span.spanId) || trace.size >= this.#limits.maxSpansPerTrace) return false;
    trace.set(span.spanId, span);
    this.#spans++;
    this.#dropOldest();
    return true;
  }

  /** Undefined if no span of this trace is kept. */
  get(traceId: string): readonly SpanRecord[] | undefined {
    const trace = this.#traces.get(traceId);
    return trace && [...trace.values()];
  }

  get size(): { readonly traces: number; readonly spans: number } {
    return { traces: this.#traces.size, spans: this.#spans };
  }

  #touch(traceId: string): Map<string, SpanRecord> {
    const trace = this.#traces.get(traceId) ?? new Map<string, SpanRecord>();
    this.#traces.delete(traceId);
    this.#traces.set(traceId, trace);
    return trace;
  }

  /** The newest trace always stays, even if it alone is above the limit of spans. */
  #dropOldest(): void {
    for (const [traceId, trace] of this.#traces) {
      const tooMany = this.#traces.size > this.#limits.maxTraces || this.#spans > this.#limits.maxSpans;
      if (!tooMany || this.#traces.size === 1) return;
      this.#traces.delete(traceId);
      this.#spans -= trace.size;
    }
  }
}
