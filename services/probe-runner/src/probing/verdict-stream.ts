import { PodbusError } from "@podbus/errors";

/** Reports of several probes as one stream, for one reader. */
export class VerdictStream<T extends { readonly changed: boolean }> {
  readonly #waiting: T[];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = () => {};

  /** `before`: what the reader gets first. */
  constructor(before: readonly T[] = []) {
    this.#waiting = [...before];
  }

  /** A reader that is behind misses attempts that changed nothing; one that misses a verdict hears so by an error. */
  push(report: T): void {
    const waiting = this.#waiting.length;
    if (this.#ended || (!report.changed && waiting >= mostAttempts)) return;
    if (waiting >= mostVerdicts) {
      this.fail(tooFarBehind());
    } else {
      this.#waiting.push(report);
      this.#wake();
    }
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

const mostAttempts = 64;
/** A node's 330 probes may all turn at once, and more than once. */
const mostVerdicts = 2_000;

function tooFarBehind(): PodbusError {
  const message = `the reader is ${mostVerdicts} verdicts behind: open the stream again`;
  return new PodbusError({ code: "RESOURCE_EXHAUSTED", message });
}
