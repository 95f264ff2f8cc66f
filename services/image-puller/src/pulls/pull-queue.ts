import type { Clock } from "@podbus/clock";
import { type PullRate, TokenBucket } from "../domain/token-bucket.ts";

export interface PullQueueOptions {
  readonly clock: Clock;
  /** Pulls at a time. */
  readonly limit: number;
  /**
   * One more may run beside those when all of them, and the first that waits, have taken this long: a small image does
   * not wait for large ones to end. Undefined: never.
   */
  readonly expressAfterMs?: number | undefined;
  /** Undefined: as many a second as come. */
  readonly rate?: PullRate | undefined;
}

interface Place {
  readonly arrivedAtMs: number;
  readonly enter: (leave: () => void) => void;
  readonly onPosition: (position: number) => void;
}

/** Lets a number of pulls run at a time, in order of arrival; tells the others their position (1 is next). */
export class PullQueue {
  readonly #options: PullQueueOptions;
  readonly #bucket: TokenBucket | undefined;
  readonly #waiting: Place[] = [];
  /** When each began. */
  readonly #running = new Set<{ readonly atMs: number }>();
  #cancelLook = () => {};

  constructor(options: PullQueueOptions) {
    this.#options = options;
    this.#bucket = options.rate && new TokenBucket(options.rate, options.clock.monotonic());
  }

  /**
   * Resolves to a function that gives the turn back, once it is this pull's turn. Rejects with the signal's reason if
   * that comes first. `onPosition` hears 0 when the turn has come.
   */
  turn(signal: AbortSignal, onPosition: (position: number) => void): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1);
        this.#announce();
        reject(signal.reason);
      };
      const enter = (leave: () => void) => {
        signal.removeEventListener("abort", onAbort);
        onPosition(0);
        resolve(leave);
      };
      const place: Place = { arrivedAtMs: this.#options.clock.monotonic(), enter, onPosition };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(place);
      this.#look();
      if (this.#waiting.includes(place)) onPosition(this.#waiting.length);
    });
  }

  /** Gives out turns as long as there are some, and looks again when the next may be. */
  #look(): void {
    const { clock } = this.#options;
    this.#cancelLook();
    this.#cancelLook = () => {};
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const nowMs = clock.monotonic();
      const atMs = this.#turnAtMs(first, nowMs);
      if (atMs === undefined) return;
      if (atMs > nowMs) {
        this.#cancelLook = clock.after(atMs - nowMs, () => this.#look());
        return;
      }
      this.#waiting.shift();
      this.#bucket?.take(nowMs);
      first.enter(this.#begin(nowMs));
      this.#announce();
    }
  }

  #begin(atMs: number): () => void {
    const run = { atMs };
    this.#running.add(run);
    return () => {
      if (this.#running.delete(run)) this.#look();
    };
  }

  /** When the first that waits may run; undefined: once another has ended. */
  #turnAtMs({ arrivedAtMs }: Place, nowMs: number): number | undefined {
    const { limit, expressAfterMs } = this.#options;
    const tokenAtMs = this.#bucket?.readyAtMs(nowMs) ?? nowMs;
    const busy = this.#running.size;
    if (busy < limit) return tokenAtMs;
    if (expressAfterMs === undefined || busy > limit) return undefined;
    const youngest = Math.max(arrivedAtMs, ...[...this.#running].map(({ atMs }) => atMs));
    return Math.max(tokenAtMs, youngest + expressAfterMs);
  }

  #announce(): void {
    for (const [index, place] of this.#waiting.entries()) place.onPosition(index + 1);
  }
}
