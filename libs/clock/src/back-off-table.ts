export interface BackOffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** An entry this long without a failure, past its wait, starts again from the beginning. Default 2 × maxMs. */
  readonly resetAfterMs?: number;
}

interface Entry {
  delayMs: number;
  failedAtMs: number;
  failures: number;
}

/**
 * Exponential back-off by key, told the time by its caller.
 * Kubernetes: client-go util/flowcontrol/backoff.go (doubling from `initialMs` to `maxMs`, forgotten after a calm while).
 */
export class BackOffTable {
  readonly #entries = new Map<string, Entry>();
  readonly #options: BackOffOptions;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** Records a failure at `nowMs`; returns the delay until the next try, in milliseconds. */
  fail(key: string, nowMs: number): number {
    const entry = this.#current(key, nowMs);
    const delayMs = entry ? Math.min(entry.delayMs * 2, this.#options.maxMs) : this.#options.initialMs;
    this.#entries.set(key, { delayMs, failedAtMs: nowMs, failures: (entry?.failures ?? 0) + 1 });
    return delayMs;
  }

  /** Milliseconds still to wait before the next try; 0 if it may be tried now. */
  remainingMs(key: string, nowMs: number): number {
    const entry = this.#current(key, nowMs);
    return entry ? Math.max(0, entry.failedAtMs + entry.delayMs - nowMs) : 0;
  }

  /** The current delay; 0 without a failure. */
  delayMs(key: string, nowMs: number): number {
    return this.#current(key, nowMs)?.delayMs ?? 0;
  }

  /** Failures in a row. */
  failures(key: string, nowMs: number): number {
    return this.#current(key, nowMs)?.failures ?? 0;
  }

  /** Puts an entry back as it was, after a restart. */
  restore(
    key: string,
    entry: { readonly delayMs: number; readonly failedAtMs: number; readonly failures: number },
  ): void {
    this.#entries.set(key, { ...entry });
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  /** Drops entries that no longer matter, so that the table does not grow with dead keys. */
  collect(nowMs: number): void {
    for (const key of [...this.#entries.keys()]) this.#current(key, nowMs);
  }

  #current(key: string, nowMs: number): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const resetAfterMs = this.#options.resetAfterMs ?? 2 * this.#options.maxMs;
    if (nowMs - entry.failedAtMs - entry.delayMs <= resetAfterMs) return entry;
    this.#entries.delete(key);
    return undefined;
  }
}
