import type { Clock } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { type Bytes, unknownBytes } from "../domain/download-progress.ts";
import type { DownloadListener } from "./download-watch.ts";
import type { PullQueue } from "./pull-queue.ts";

/** How a pull ended; kept as a value because several calls read it. */
export type PullOutcome =
  | { readonly ok: true; readonly imageId: string; readonly waitedMs: number; readonly pullMs: number }
  | { readonly ok: false; readonly error: PodbusError };

/** How far a pull is. */
export interface PullState {
  /** 0 while it runs, 1 if it is next. */
  readonly queuePosition: number;
  readonly bytes: Bytes;
}

/** What a pull does once it is its turn; resolves to the image id. */
export type PullWork = (signal: AbortSignal, listener: DownloadListener) => Promise<string>;

export interface SharedPullsOptions {
  readonly queue: PullQueue;
  readonly clock: Clock;
  /** How long a pull goes on after its last waiting call is gone: its pod's agent may only be restarting. */
  readonly lingerMs: number;
}

/** One pull that any number of calls wait for. */
export interface SharedPull {
  /** Names this pull among all of this process. */
  readonly id: number;
  /** Whether an earlier call had started it. */
  readonly joined: boolean;
  /**
   * Yields how far the pull is whenever that changes, and returns the outcome. Throws CANCELLED when `signal` is aborted;
   * the pull goes on for the calls that still wait.
   */
  follow(signal: AbortSignal): AsyncGenerator<PullState, PullOutcome, void>;
}

/** Pulls by name: calls for the same one share it. */
export class SharedPulls {
  readonly #options: SharedPullsOptions;
  readonly #running = new Map<string, Pull>();
  #lastId = 0;

  constructor(options: SharedPullsOptions) {
    this.#options = options;
  }

  /** Starts the pull, or joins one that is under way. */
  pull(name: string, work: PullWork): SharedPull {
    const running = this.#running.get(name);
    const pull = running ?? new Pull(++this.#lastId, this.#options);
    if (!running) {
      this.#running.set(name, pull);
      void pull.run(work).finally(() => this.#forget(name, pull));
    }
    pull.onAbandoned = () => this.#forget(name, pull);
    return { id: pull.id, joined: running !== undefined, follow: (signal) => pull.follow(signal) };
  }

  #forget(name: string, pull: Pull): void {
    if (this.#running.get(name) === pull) this.#running.delete(name);
  }
}

class Pull {
  readonly id: number;
  readonly #options: SharedPullsOptions;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<() => void>();
  #state: PullState = { queuePosition: 0, bytes: unknownBytes };
  #outcome: PullOutcome | undefined;
  #waiters = 0;
  #stopLingering = () => {};
  onAbandoned = () => {};

  constructor(id: number, options: SharedPullsOptions) {
    this.id = id;
    this.#options = options;
  }

  async run(work: PullWork): Promise<void> {
    const { clock, queue } = this.#options;
    const arrivedMs = clock.monotonic();
    try {
      const leave = await queue.turn(this.#abort.signal, (queuePosition) => this.#moved({ queuePosition }));
      try {
        const startedMs = clock.monotonic();
        const imageId = await work(this.#abort.signal, {
          followed: () => this.#waiters > 0,
          bytes: (bytes) => this.#moved({ bytes }),
        });
        this.#settled({ ok: true, imageId, waitedMs: startedMs - arrivedMs, pullMs: clock.monotonic() - startedMs });
      } finally {
        leave();
      }
    } catch (thrown) {
      this.#settled({ ok: false, error: toPodbusError(thrown) });
    }
  }

  async *follow(signal: AbortSignal): AsyncGenerator<PullState, PullOutcome, void> {
    this.#waiters++;
    this.#stopLingering();
    try {
      for (let told: PullState | undefined; ; ) {
        if (signal.aborted) throw cancelled(signal);
        if (this.#outcome) return this.#outcome;
        if (told !== this.#state) {
          told = this.#state;
          yield told;
        } else {
          await this.#changed(signal);
        }
      }
    } finally {
      this.#waiters--;
      if (this.#waiters === 0 && !this.#outcome) this.#linger();
    }
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#listeners.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#listeners.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  #linger(): void {
    const { clock, lingerMs } = this.#options;
    this.#stopLingering = clock.after(lingerMs, () => {
      this.onAbandoned();
      this.#abort.abort(new PodbusError({ code: "CANCELLED", message: "nobody waits for the pull any more" }));
    });
  }

  #moved(change: Partial<PullState>): void {
    this.#state = { ...this.#state, ...change };
    this.#wakeAll();
  }

  #settled(outcome: PullOutcome): void {
    this.#outcome = outcome;
    this.#stopLingering();
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of [...this.#listeners]) wake();
  }
}

function cancelled(signal: AbortSignal): PodbusError {
  return new PodbusError({ code: "CANCELLED", message: "the call was cancelled", cause: signal.reason });
}
