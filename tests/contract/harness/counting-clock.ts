import { type Clock, systemClock } from "@podbus/clock";

/** The system's clock, which knows how many timers wait: none means that a provider has stopped doing something. */
export class CountingClock implements Clock {
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.#waiting++;
    try {
      await systemClock.sleep(ms, signal);
    } finally {
      this.#waiting--;
    }
  }

  after(ms: number, run: () => void): () => void {
    this.#waiting++;
    let over = false;
    const end = () => {
      if (!over) this.#waiting--;
      over = true;
    };
    const cancel = systemClock.after(ms, () => {
      end();
      run();
    });
    return () => {
      end();
      cancel();
    };
  }
}
