import { type Clock, pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { EventInput, EventLog, EventRecord, EventRecorder } from "./event-input.ts";

export interface BufferedRecorderOptions {
  readonly clock: Clock;
  readonly log?: EventLog;
  /** Delivers a batch; failures that are `retryable` are tried again, others drop the batch. */
  readonly send: (batch: readonly EventRecord[]) => Promise<void>;
  /** Events that may wait. Default 1,000. */
  readonly capacity?: number;
}

const batchSize = 50;
const firstRetryMs = 200;
const maxRetryMs = 10_000;
const flushMs = 3_000;

/** Buffers events and sends them in batches: what comes while one batch is under way makes the next. */
export class BufferedRecorder implements EventRecorder {
  readonly #options: BufferedRecorderOptions;
  readonly #capacity: number;
  readonly #stop = new AbortController();
  #buffer: EventRecord[] = [];
  #sending: Promise<void> | undefined;
  #dropped = 0;

  constructor(options: BufferedRecorderOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? 1_000;
  }

  record(event: EventInput): void {
    if (this.#buffer.length >= this.#capacity || this.#stop.signal.aborted) {
      this.#dropped++;
      return;
    }
    this.#buffer.push({ ...event, at: event.at ?? this.#options.clock.now() });
    this.#sending ??= this.#sendAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const cancel = this.#options.clock.after(flushMs, () => this.#stop.abort());
    await this.#sending;
    cancel();
    this.#stop.abort();
    this.#dropped += this.#buffer.length;
    this.#buffer = [];
    this.#reportDropped();
  }

  async #sendAll(): Promise<void> {
    const { clock } = this.#options;
    // Whatever is recorded in the same turn goes out together.
    await Promise.resolve();
    for (let delayMs = firstRetryMs; this.#buffer.length > 0 && !this.#stop.signal.aborted; ) {
      const batch = this.#buffer.slice(0, batchSize);
      const outcome = await this.#send(batch);
      if (outcome === "later") {
        await pause(clock, delayMs, this.#stop.signal);
        delayMs = Math.min(delayMs * 2, maxRetryMs);
        continue;
      }
      this.#buffer.splice(0, batch.length);
      delayMs = firstRetryMs;
      this.#reportDropped();
    }
    this.#sending = undefined;
  }

  async #send(batch: readonly EventRecord[]): Promise<"done" | "later"> {
    const { promise: stopped, resolve } = Promise.withResolvers<"later">();
    const onStop = () => resolve("later");
    this.#stop.signal.addEventListener("abort", onStop, { once: true });
    try {
      return await Promise.race([this.#options.send(batch).then(() => "done" as const), stopped]);
    } catch (thrown) {
      const error = toPodbusError(thrown);
      if (error.retryable) return "later";
      const reasons = batch.map((event) => `${event.reason} ${event.object.name}`);
      this.#options.log?.warn({ err: error, events: reasons }, "events were refused and are dropped");
      return "done";
    } finally {
      this.#stop.signal.removeEventListener("abort", onStop);
    }
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return;
    this.#options.log?.warn(
      { dropped: this.#dropped },
      "events were dropped: the buffer was full or the service ended",
    );
    this.#dropped = 0;
  }
}
