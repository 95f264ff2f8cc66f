import { type LogLine, timestampNs } from "./log-lines.ts";

export interface LogOutputOptions {
  readonly timestamps: boolean;
  /** 0n for all. */
  readonly sinceNs: bigint;
  readonly limitBytes: number | undefined;
}

/** Turns log entries into what the reader is sent. kubelet: logWriter (cri-client/pkg/logs/logs.go). */
export class LogOutput {
  readonly #options: LogOutputOptions;
  #left: number;
  #lineBegun = false;

  constructor(options: LogOutputOptions) {
    this.#options = options;
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** The limit is reached: nothing more will be sent. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  take(line: LogLine): Buffer {
    const { timestamps, sinceNs } = this.#options;
    if (sinceNs > 0n && timestampNs(line.timestamp) < sinceNs) return Buffer.alloc(0);
    const prefix = timestamps && !this.#lineBegun ? `${line.timestamp} ` : "";
    this.#lineBegun = line.partial;
    const data = prefix === "" ? line.content : Buffer.concat([Buffer.from(prefix), line.content]);
    const clipped = data.length <= this.#left ? data : data.subarray(0, this.#left);
    this.#left -= clipped.length;
    return clipped;
  }
}
