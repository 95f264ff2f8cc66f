interface Place {
  readonly enter: () => void;
  readonly onPosition: (position: number) => void;
}

/** Lets a number of pulls run at a time, in order of arrival; tells the others their position (1 is next). */
export class PullQueue {
  readonly #limit: number;
  readonly #waiting: Place[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Resolves to a function that gives the turn back, once it is this pull's turn. Rejects with the signal's reason if
   * that comes first. `onPosition` hears 0 when the turn has come.
   */
  async turn(signal: AbortSignal, onPosition: (position: number) => void): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#running >= this.#limit) await this.#wait(signal, onPosition);
    else this.#running++;
    onPosition(0);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#next();
    };
  }

  #wait(signal: AbortSignal, onPosition: (position: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1);
        this.#announce();
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const place: Place = { enter, onPosition };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(place);
      onPosition(this.#waiting.length);
    });
  }

  /** The turn goes straight to the next one, so that nobody who comes meanwhile overtakes it. */
  #next(): void {
    const next = this.#waiting.shift();
    if (!next) {
      this.#running--;
      return;
    }
    next.enter();
    this.#announce();
  }

  #announce(): void {
    for (const [index, place] of this.#waiting.entries()) place.onPosition(index + 1);
  }
}
