import { PodbusError } from "@podbus/errors";

/** The open sessions of a kind whose callers send input piece by piece. */
export class InputSessions<Piece> {
  readonly #sessions = new Map<string, NumberedInput<Piece>>();

  /** Takes input for as long as `session` runs. ALREADY_EXISTS for an id that is in use. */
  async *while<T>(id: string, take: (piece: Piece) => Promise<void>, session: () => AsyncGenerator<T>) {
    this.requireFree(id);
    this.#sessions.set(id, new NumberedInput(take));
    try {
      yield* session();
    } finally {
      this.#sessions.delete(id);
    }
  }

  requireFree(id: string): void {
    if (this.#sessions.has(id)) {
      throw new PodbusError({ code: "ALREADY_EXISTS", message: `session ${id} is open already` });
    }
  }

  take(id: string, sequence: bigint, piece: Piece): Promise<void> {
    const session = this.#sessions.get(id);
    if (!session) throw new PodbusError({ code: "NOT_FOUND", message: `no session ${id}` });
    return session.take(sequence, piece);
  }
}

/** Pieces are taken one after the other; one that was taken already is answered again and not taken again. */
class NumberedInput<Piece> {
  readonly #take: (piece: Piece) => Promise<void>;
  #last = 0n;
  #taking: Promise<void> = Promise.resolve();

  constructor(take: (piece: Piece) => Promise<void>) {
    this.#take = take;
  }

  take(sequence: bigint, piece: Piece): Promise<void> {
    const taken = this.#taking.then(() => this.#takeOnce(sequence, piece));
    // A failed piece must not fail the next one.
    this.#taking = taken.catch(() => {});
    return taken;
  }

  async #takeOnce(sequence: bigint, piece: Piece): Promise<void> {
    if (sequence <= this.#last) return;
    if (sequence !== this.#last + 1n) {
      const message = `input ${sequence} came before ${this.#last + 1n}`;
      throw new PodbusError({ code: "OUT_OF_RANGE", message, retryable: true });
    }
    this.#last = sequence;
    await this.#take(piece);
  }
}
