export interface PullRate {
  readonly perSecond: number;
  /** How many may begin at once after a quiet time. */
  readonly burst: number;
}

/** How many pulls may begin: so many a second, and a burst. The kubelet's registryPullQPS and registryBurst. */
export class TokenBucket {
  readonly #rate: PullRate;
  #tokens: number;
  #countedAtMs: number;

  constructor(rate: PullRate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#countedAtMs = nowMs;
  }

  /** When the next token is there; now or earlier if there is one. */
  readyAtMs(nowMs: number): number {
    this.#refill(nowMs);
    return this.#tokens >= 1 ? nowMs : nowMs + ((1 - this.#tokens) * 1_000) / this.#rate.perSecond;
  }

  take(nowMs: number): void {
    this.#refill(nowMs);
    this.#tokens -= 1;
  }

  #refill(nowMs: number): void {
    const grown = ((nowMs - this.#countedAtMs) * this.#rate.perSecond) / 1_000;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + grown);
    this.#countedAtMs = nowMs;
  }
}
