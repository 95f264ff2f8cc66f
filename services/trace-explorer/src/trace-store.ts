import type { Logger } from "@podbus/telemetry";
import { SpanFiles } from "./adapters/span-files.ts";
import type { SpanRecord } from "./domain/span-record.ts";
import { TraceRing } from "./domain/trace-ring.ts";
import type { SpanJournal, SpanSink, TraceSource } from "./ports.ts";

export interface TraceStoreOptions {
  readonly maxTraces: number;
  /** Where spans outlive the process; in memory only if absent. */
  readonly directory?: string;
  readonly log: Logger;
}

/** A pod start has about 30 spans. */
const spansPerTrace = 100;
const largestTrace = 2_000;
const fileBytes = 8 * 1024 * 1024;

/** Recent traces: in memory for reading, on disk for the next process. */
export class TraceStore implements SpanSink, TraceSource, AsyncDisposable {
  readonly #ring: TraceRing;
  #journal: SpanJournal | undefined;

  private constructor(maxTraces: number) {
    this.#ring = new TraceRing({ maxTraces, maxSpans: maxTraces * spansPerTrace, maxSpansPerTrace: largestTrace });
  }

  static async open(options: TraceStoreOptions): Promise<TraceStore> {
    const store = new TraceStore(options.maxTraces);
    if (options.directory === undefined) return store;
    const files = await SpanFiles.open({ directory: options.directory, maxBytes: fileBytes, log: options.log });
    for await (const span of files.read()) store.#ring.add(span);
    store.#journal = files;
    return store;
  }

  add(spans: readonly SpanRecord[]): void {
    const added = spans.filter((span) => this.#ring.add(span));
    if (added.length > 0) this.#journal?.append(added);
  }

  get(traceId: string): readonly SpanRecord[] | undefined {
    return this.#ring.get(traceId);
  }

  get size(): { readonly traces: number; readonly spans: number } {
    return this.#ring.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#journal?.[Symbol.asyncDispose]();
  }
}
