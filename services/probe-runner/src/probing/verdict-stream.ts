/** Reports of several probes as one stream, for one reader. */
export class VerdictStream<T extends { readonly changed: boolean }> {
  readonly #waiting: T[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = () => {};

  /** A reader that is far behind misses attempts that changed nothing, never a verdict. */
  push(report: T): void {
    if (this.#ended || (!report.changed && this.#waiting.length >= mostWaiting)) return;
    this.#waiting.push(report);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The reader gets what is waiting, then this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.end();
  }

  async *read(): AsyncGenerator<T, void, void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next) yield next;
      else if (this.#failure) throw this.#failure.error;
      else if (this.#ended) return;
      else await this.#woken();
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const mostWaiting = 64;
