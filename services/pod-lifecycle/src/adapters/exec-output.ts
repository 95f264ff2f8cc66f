import type { ExecEnd } from "../domain/exec-protocol.ts";

export type ExecOutput =
  | { readonly case: "stdout"; readonly value: Uint8Array }
  | { readonly case: "stderr"; readonly value: Uint8Array }
  | { readonly case: "ended"; readonly value: ExecEnd };

/** A command that runs in a container. */
export interface ExecSession extends AsyncDisposable {
  /** Output as it comes; the end last. */
  output(): AsyncGenerator<ExecOutput>;
  /** Resolves once the connection has taken it: that is the back-pressure of the input. */
  write(data: Uint8Array): Promise<void>;
  resize(width: number, height: number): Promise<void>;
  /** Nothing more will be written. */
  endInput(): Promise<void>;
}

/** Unread output above this stops reading from the runtime, which then stops the command's writes. */
const windowBytes = 1024 * 1024;

/** What a session has said and its reader has not yet taken. */
export class OutputQueue {
  readonly #flow: { pause(): void; resume(): void };
  readonly #unread: ExecOutput[] = [];
  #unreadBytes = 0;
  #paused = false;
  #ended = false;
  #wake: () => void = () => {};

  constructor(flow: { pause(): void; resume(): void }) {
    this.#flow = flow;
  }

  push(output: ExecOutput): void {
    if (this.#ended) return;
    if (output.case === "ended") this.#ended = true;
    else this.#unreadBytes += output.value.length;
    this.#unread.push(output);
    this.#wake();
    if (this.#paused || this.#unreadBytes <= windowBytes) return;
    this.#paused = true;
    this.#flow.pause();
  }

  /** The connection is gone; an end that was told before stays. */
  end(error: string): void {
    this.push({
      case: "ended",
      value: { exitCode: 1, error: error || "the runtime ended the session without a status" },
    });
  }

  async *read(): AsyncGenerator<ExecOutput> {
    for (;;) {
      const next = this.#unread.shift();
      if (!next) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (next.case !== "ended") this.#taken(next.value.length);
      yield next;
      if (next.case === "ended") return;
    }
  }

  #taken(bytes: number): void {
    this.#unreadBytes -= bytes;
    if (!this.#paused || this.#unreadBytes > windowBytes / 2) return;
    this.#paused = false;
    this.#flow.resume();
  }
}
