/**
 * One question asked for many at once. A caller's answer always comes from a question that began after its call, so
 * callers that arrive while one is under way share the next.
 */
export class Coalesced<T> {
  readonly #ask: () => Promise<T>;
  #running: Promise<unknown> | undefined;
  #next: Promise<T> | undefined;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  get(): Promise<T> {
    this.#next ??= this.#afterRunning();
    return this.#next;
  }

  async #afterRunning(): Promise<T> {
    // How the one before ended is for those who asked it.
    await this.#running?.catch(() => {});
    const answer = this.#ask();
    this.#next = undefined;
    this.#running = answer;
    try {
      return await answer;
    } finally {
      if (this.#running === answer) this.#running = undefined;
    }
  }
}
