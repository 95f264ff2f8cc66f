import type { Clock } from "@podbus/clock";
import { toleratedSilence } from "../timing.ts";

export interface SilenceWatchOptions {
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly onSilent: () => void;
}

/** Notices that the other side has not been heard for three heartbeats. Hearing it costs no timer. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #limitMs: number;
  #heardMs: number;
  #cancelTimer: () => void = () => {};

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#limitMs = options.heartbeatMs * toleratedSilence;
    this.#heardMs = options.clock.monotonic();
    this.#arm();
  }

  heard(): void {
    this.#heardMs = this.#options.clock.monotonic();
  }

  stop(): void {
    this.#cancelTimer();
  }

  #arm(): void {
    const { clock } = this.#options;
    const dueMs = this.#heardMs + this.#limitMs;
    this.#cancelTimer = clock.after(Math.max(0, dueMs - clock.monotonic()), () => this.#check(dueMs));
  }

  #check(dueMs: number): void {
    const nowMs = this.#options.clock.monotonic();
    // A late timer means that this process stood still; what the other side sent may still wait to be read.
    if (nowMs - dueMs > this.#options.heartbeatMs / 2) this.#heardMs = nowMs;
    if (nowMs - this.#heardMs < this.#limitMs) this.#arm();
    else this.#options.onSilent();
  }
}
