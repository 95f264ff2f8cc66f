/** Time, injected: production code never reads a clock or sets a timer in another way. */
export interface Clock {
  /** Wall-clock time, Unix milliseconds. May jump; for timestamps that users see. */
  now(): number;
  /** Milliseconds of a clock that never jumps; for durations and deadlines. */
  monotonic(): number;
  /** Resolves after `ms`; rejects with the signal's reason once it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Node's timers overflow above this and would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        Math.min(ms, longestTimerMs),
      );
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, longestTimerMs));
    return () => clearTimeout(timer);
  },
};
