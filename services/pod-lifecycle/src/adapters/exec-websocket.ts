import { PodbusError } from "@podbus/errors";
import { WebSocket } from "ws";
import { channels, execEnd, execProtocol } from "../domain/exec-protocol.ts";
import { type ExecOutput, type ExecSession, OutputQueue } from "./exec-output.ts";

/** A session over WebSocket, whose version 4 has no way to say that the input has ended. */
export class WebSocketExec implements ExecSession {
  readonly #socket: WebSocket;
  readonly #queue: OutputQueue;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#queue = new OutputQueue(socket);
    socket.on("message", (data: Buffer) => this.#onMessage(data));
    socket.on("close", () => this.#queue.end(""));
    socket.on("error", (error) => this.#queue.end(error.message));
  }

  /** `url`: what the runtime's Exec answered. */
  static async open(url: string, signal: AbortSignal): Promise<WebSocketExec> {
    const socket = new WebSocket(url.replace(/^http/, "ws"), [execProtocol], { perMessageDeflate: false });
    const session = new WebSocketExec(socket);
    const onAbort = () => socket.terminate();
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("close", () => signal.removeEventListener("abort", onAbort));
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (cause) => reject(unreachable(cause)));
      socket.once("close", () => reject(unreachable(undefined)));
    });
    return session;
  }

  output(): AsyncGenerator<ExecOutput> {
    return this.#queue.read();
  }

  async write(data: Uint8Array): Promise<void> {
    await this.#send(channels.stdin, data);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#send(channels.resize, Buffer.from(JSON.stringify({ Width: width, Height: height })));
  }

  async endInput(): Promise<void> {}

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
    const value = data.subarray(1);
    if (data[0] === channels.error) this.#queue.push({ case: "ended", value: execEnd(value.toString()) });
    // Each channel is announced by an empty message.
    if (value.length === 0) return;
    if (data[0] === channels.stdout) this.#queue.push({ case: "stdout", value });
    else if (data[0] === channels.stderr) this.#queue.push({ case: "stderr", value });
  }
}

export function unreachable(cause: Error | undefined): PodbusError {
  const message = `cannot reach the runtime's streaming server: ${cause?.message ?? "connection closed"}`;
  return new PodbusError({ code: "UNAVAILABLE", message, cause });
}
