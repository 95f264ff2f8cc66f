import type { Clock } from "@podbus/clock";
import { leastCrowded, type Room } from "../domain/attempt-times.ts";
import { TimerWheel } from "../domain/timer-wheel.ts";

/** Wakes every probe of this node when it is due, by one wheel and one timer. It waits for none of them. */
export class ProbeScheduler {
  readonly #clock: Clock;
  readonly #wheel = new TimerWheel<() => void>();
  #timer: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A time near `dueMs` at which few others are due; never one that is over. */
  place(dueMs: number, room: Room): number {
    const earlierMs = Math.max(0, Math.min(room.earlierMs, dueMs - this.#clock.monotonic()));
    return leastCrowded(dueMs, { ...room, earlierMs }, (atMs) => this.#wheel.crowd(atMs));
  }

  /** Resolves at `dueMs` of the monotonic clock, a tick later at most; at once if that is over. Rejects at the signal. */
  until(dueMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (dueMs <= this.#clock.monotonic()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#wheel.remove(waiting);
        this.#arm();
        reject(signal.reason);
      };
      const waiting = this.#wheel.add(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      }, dueMs);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#arm();
    });
  }

  /** The one timer goes off when the next is due; there is none while nobody waits. */
  #arm(): void {
    const nextMs = this.#wheel.nextMs();
    if (nextMs === this.#timer?.atMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (nextMs === undefined) return;
    const cancel = this.#clock.after(Math.max(1, Math.ceil(nextMs - this.#clock.monotonic())), () => {
      this.#timer = undefined;
      for (const wake of this.#wheel.takeDue(this.#clock.monotonic())) wake();
      this.#arm();
    });
    this.#timer = { atMs: nextMs, cancel };
  }
}
