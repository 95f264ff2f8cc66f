import { createReadStream } from "node:fs";
import { appendFile, mkdir, open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Clock, pause, systemClock } from "@podbus/clock";
import type { Logger } from "@podbus/telemetry";
import { readSpanLine, writeSpanLine } from "../domain/span-line.ts";
import type { SpanRecord } from "../domain/span-record.ts";
import type { SpanJournal } from "../ports.ts";

export interface SpanFilesOptions {
  readonly directory: string;
  /** Of each of the two files. */
  readonly maxBytes: number;
  /** Spans that wait for the disk; above it new ones are not written (they stay in memory). */
  readonly maxWaiting?: number;
  readonly log: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Spans end in bursts, and a write costs the machine that is starting a pod: one a while is enough. */
const gatherMs = 500;

/**
 * Spans as JSON lines in two files: `spans.jsonl` grows up to `maxBytes`, then takes the place of
 * `spans.1.jsonl`. One write at a time; what arrives meanwhile goes into the next.
 */
export class SpanFiles implements SpanJournal {
  readonly #options: SpanFilesOptions;
  readonly #newer: string;
  readonly #older: string;
  #bytes = 0;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #dropped = 0;
  readonly #closing = new AbortController();

  private constructor(options: SpanFilesOptions) {
    this.#options = options;
    this.#newer = join(options.directory, "spans.jsonl");
    this.#older = join(options.directory, "spans.1.jsonl");
  }

  static async open(options: SpanFilesOptions): Promise<SpanFiles> {
    const files = new SpanFiles(options);
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    await files.#endTornLine();
    return files;
  }

  /** All spans in the files, oldest first. */
  async *read(): AsyncGenerator<SpanRecord> {
    for (const file of [this.#older, this.#newer]) {
      if ((await sizeOf(file)) === 0) continue;
      for await (const line of createInterface({
        input: createReadStream(file),
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        const span = readSpanLine(line);
        if (span) yield span;
      }
    }
  }

  append(spans: readonly SpanRecord[]): void {
    const room = (this.#options.maxWaiting ?? 20_000) - this.#waiting.length;
    this.#waiting.push(...spans.slice(0, Math.max(0, room)).map(writeSpanLine));
    this.#dropped += Math.max(0, spans.length - room);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    while (this.#writing) await this.#writing;
  }

  async #write(): Promise<void> {
    await this.#gather();
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join("");
      this.#waiting = [];
      try {
        await this.#rotateIfFull();
        await appendFile(this.#newer, text, { mode: 0o600 });
        this.#bytes += Buffer.byteLength(text);
      } catch (error) {
        this.#options.log.warn(
          { err: error, directory: this.#options.directory },
          "spans could not be written to disk",
        );
      }
    }
    if (this.#dropped > 0)
      this.#options.log.warn({ dropped: this.#dropped }, "spans not written: the disk is too slow");
    this.#dropped = 0;
  }

  /** Waits a while, or until closed. */
  #gather(): Promise<void> {
    return pause(this.#options.clock ?? systemClock, gatherMs, this.#closing.signal);
  }

  async #rotateIfFull(): Promise<void> {
    if (this.#bytes < this.#options.maxBytes) return;
    await rename(this.#newer, this.#older);
    this.#bytes = 0;
  }

  /** A crash may have left half a line; the next span must not be appended to it. */
  async #endTornLine(): Promise<void> {
    this.#bytes = await sizeOf(this.#newer);
    if (this.#bytes === 0) return;
    await using file = await open(this.#newer, "r+");
    const last = Buffer.alloc(1);
    await file.read(last, 0, 1, this.#bytes - 1);
    if (last[0] === 0x0a) return;
    await file.write("\n", this.#bytes);
    this.#bytes++;
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
