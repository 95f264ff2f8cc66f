import { PodbusError } from "@podbus/errors";
import { WebSocket } from "ws";
import { channels, type ExecEnd, execEnd, execProtocol } from "../domain/exec-protocol.ts";

export type ExecOutput =
  | { readonly case: "stdout"; readonly value: Uint8Array }
  | { readonly case: "stderr"; readonly value: Uint8Array }
  | { readonly case: "ended"; readonly value: ExecEnd };

/** Unread output above this stops reading from the runtime, which then stops the command's writes. */
const windowBytes = 1024 * 1024;

/** One exec session with the runtime's streaming server. */
export class ExecStream implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #unread: ExecOutput[] = [];
  #unreadBytes = 0;
  #over = false;
  #wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#onMessage(data));
    socket.on("close", () => this.#onEnd(""));
    socket.on("error", (error) => this.#onEnd(error.message));
  }

  /** `url`: what the runtime's Exec answered. */
  static async open(url: string, signal: AbortSignal): Promise<ExecStream> {
    const socket = new WebSocket(url.replace(/^http/, "ws"), [execProtocol], { perMessageDeflate: false });
    const stream = new ExecStream(socket);
    const onAbort = () => socket.terminate();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", onAbort));
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (cause) => reject(unreachable(cause)));
      socket.once("close", () => reject(unreachable(undefined)));
    });
    return stream;
  }

  /** Output as it comes; the end last. */
  async *output(): AsyncGenerator<ExecOutput> {
    for (;;) {
      const next = this.#unread.shift();
      if (!next) {
        if (this.#over) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (next.case !== "ended") this.#unreadBytes -= next.value.length;
      if (this.#socket.isPaused && this.#unreadBytes < windowBytes / 2) this.#socket.resume();
      yield next;
      if (next.case === "ended") return;
    }
  }

  /** Resolves once the runtime's server has taken it: that is the back-pressure of the input. */
  async write(data: Uint8Array): Promise<void> {
    await this.#send(channels.stdin, data);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#send(channels.resize, Buffer.from(JSON.stringify({ Width: width, Height: height })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
  }

  #send(channel: number, data: Uint8Array): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.resolve();
    return new Promise((resolve, reject) =>
      this.#socket.send(Buffer.concat([Buffer.from([channel]), data]), (error) =>
        // Input for a command that has ended is lost, as on any pipe.
        error && this.#socket.readyState === WebSocket.OPEN ? reject(error) : resolve(),
      ),
    );
  }

  #onMessage(data: Buffer): void {
    const body = data.subarray(1);
    if (data[0] === channels.error) {
      this.#push({ case: "ended", value: execEnd(body.toString()) });
      return;
    }
    // Each channel is announced by an empty message.
    if (body.length === 0) return;
    if (data[0] === channels.stdout) this.#push({ case: "stdout", value: body });
    else if (data[0] === channels.stderr) this.#push({ case: "stderr", value: body });
    this.#unreadBytes += body.length;
    if (this.#unreadBytes > windowBytes) this.#socket.pause();
  }

  #onEnd(error: string): void {
    if (this.#over) return;
    const message = error || "the runtime ended the session without a status";
    this.#push({ case: "ended", value: { exitCode: 1, error: message } });
    this.#over = true;
  }

  #push(output: ExecOutput): void {
    this.#unread.push(output);
    this.#wake();
  }
}

function unreachable(cause: Error | undefined): PodbusError {
  const message = `cannot reach the runtime's streaming server: ${cause?.message ?? "connection closed"}`;
  return new PodbusError({ code: "UNAVAILABLE", message, cause });
}
