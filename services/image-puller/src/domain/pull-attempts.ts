import { BackOffTable } from "@podbus/clock";
import type { BackOff } from "./pull-decision.ts";

export interface PullFailure {
  /** Names the pull that failed: telling the same pull twice counts once. */
  readonly pullId: number;
  readonly cause: string;
  /** When, by the wall clock: for what users read. */
  readonly wallMs: number;
}

interface Failure extends PullFailure {
  readonly untilMs: number;
}

/**
 * Failed pulls by pod and image. Kubernetes: 10 s doubling to 300 s, keyed by pod uid and image (kubelet.go,
 * MaxContainerBackOff and imageBackOffPeriod). A pull that several calls of one pod waited for is one failure.
 */
export class PullAttempts {
  readonly #backOff = new BackOffTable({ initialMs: 10_000, maxMs: 300_000 });
  readonly #failures = new Map<string, Failure>();

  /** `nowMs`, here and below, is of a clock that never jumps. */
  fail(key: string, failure: PullFailure, nowMs: number): BackOff {
    if (this.#failures.get(key)?.pullId !== failure.pullId) {
      const delayMs = this.#backOff.fail(key, nowMs);
      this.#failures.set(key, { ...failure, untilMs: failure.wallMs + delayMs });
      this.#collect(nowMs);
    }
    return this.current(key, nowMs) ?? { cause: failure.cause, attempt: 1, untilMs: failure.wallMs, remainingMs: 0 };
  }

  /** The last failure; undefined if there was none, or it is long forgotten. */
  current(key: string, nowMs: number): BackOff | undefined {
    const failure = this.#failures.get(key);
    const attempt = this.#backOff.failures(key, nowMs);
    if (!failure || attempt === 0) return undefined;
    return {
      cause: failure.cause,
      attempt,
      untilMs: failure.untilMs,
      remainingMs: this.#backOff.remainingMs(key, nowMs),
    };
  }

  succeed(key: string): void {
    this.#backOff.forget(key);
    this.#failures.delete(key);
  }

  /** How many failures are remembered. */
  get size(): number {
    return this.#failures.size;
  }

  /** Drops what no longer matters, so that pods long gone do not add up. */
  #collect(nowMs: number): void {
    for (const key of [...this.#failures.keys()]) {
      if (this.#backOff.failures(key, nowMs) === 0) this.#failures.delete(key);
    }
  }
}

export function attemptKey(podUid: string, image: string): string {
  return `${podUid}_${image}`;
}
