import { request } from "node:http";
import type { Socket } from "node:net";
import { createDeflate, type Deflate, constants as zlib } from "node:zlib";
import { execEnd, execProtocol } from "../domain/exec-protocol.ts";
import {
  dataFrame,
  headerBlock,
  headerDictionary,
  parseFrames,
  pingFrame,
  type SpdyFrame,
  synStreamFrame,
} from "../domain/spdy-frames.ts";
import { type ExecOutput, type ExecSession, OutputQueue } from "./exec-output.ts";
import { unreachable } from "./exec-websocket.ts";

/** Streams by their type; a client's ids are odd. kubernetes: remotecommand v4 over SPDY. */
const streamIds = { error: 1, stdin: 3, stdout: 5, stderr: 7 } as const;

/** A session over SPDY/3.1, for commands that must hear the end of their input (`… | kubectl exec -i`). */
export class SpdyExec implements ExecSession {
  readonly #socket: Socket;
  readonly #queue: OutputQueue;
  #rest: Buffer = Buffer.alloc(0);
  #status = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#queue = new OutputQueue(socket);
    socket.on("data", (data: Buffer) => this.#onData(data));
    socket.on("close", () => this.#queue.end(""));
    socket.on("error", (error) => this.#queue.end(error.message));
  }

  /** Undefined where the server speaks no SPDY. `stderr`: whether the runtime was asked for it. */
  static async open(
    url: string,
    streams: { readonly stdout: boolean; readonly stderr: boolean },
    signal: AbortSignal,
  ): Promise<SpdyExec | undefined> {
    const socket = await upgrade(url, signal);
    if (!socket) return undefined;
    const session = new SpdyExec(socket);
    await session.#openStreams([
      "error",
      "stdin",
      ...(streams.stdout ? (["stdout"] as const) : []),
      ...(streams.stderr ? (["stderr"] as const) : []),
    ]);
    return session;
  }

  output(): AsyncGenerator<ExecOutput> {
    return this.#queue.read();
  }

  write(data: Uint8Array): Promise<void> {
    return this.#send(dataFrame(streamIds.stdin, data, false));
  }

  /** Terminals are served over WebSocket. */
  async resize(): Promise<void> {}

  endInput(): Promise<void> {
    return this.#send(dataFrame(streamIds.stdin, Buffer.alloc(0), true));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  async #openStreams(types: readonly (keyof typeof streamIds)[]): Promise<void> {
    // The compressor's state goes on from one header block to the next.
    const deflate = createDeflate({ dictionary: headerDictionary });
    for (const type of types) {
      const headers = await compress(deflate, headerBlock({ streamtype: type }));
      await this.#send(synStreamFrame(streamIds[type], headers));
    }
    deflate.close();
  }

  #send(frame: Buffer): Promise<void> {
    if (!this.#socket.writable) return Promise.resolve();
    // Input for a command that has ended is lost, as on any pipe.
    return new Promise((resolve) => this.#socket.write(frame, () => resolve()));
  }

  #onData(data: Buffer): void {
    const [frames, rest] = parseFrames(Buffer.concat([this.#rest, data]));
    this.#rest = rest;
    for (const frame of frames) this.#onFrame(frame);
  }

  #onFrame(frame: SpdyFrame): void {
    if (frame.kind === "ping") void this.#send(pingFrame(frame.id));
    if (frame.kind !== "data") return;
    const { streamId, data: value, last } = frame;
    if (streamId === streamIds.error) this.#onStatus(value.toString(), last);
    else if (value.length === 0) return;
    else if (streamId === streamIds.stdout) this.#queue.push({ case: "stdout", value });
    else if (streamId === streamIds.stderr) this.#queue.push({ case: "stderr", value });
  }

  #onStatus(text: string, last: boolean): void {
    this.#status += text;
    if (last || text !== "") this.#queue.push({ case: "ended", value: execEnd(this.#status) });
  }
}

function upgrade(url: string, signal: AbortSignal): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { Connection: "Upgrade", Upgrade: "SPDY/3.1", "X-Stream-Protocol-Version": execProtocol };
    const call = request(url, { method: "POST", headers, signal });
    call.on("upgrade", (_, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket as Socket);
    });
    call.on("response", (response) => {
      response.destroy();
      resolve(undefined);
    });
    call.on("error", (cause) => reject(unreachable(cause)));
    call.end();
  });
}

/** One block, complete on its own: everything that was written so far is in what comes out. */
function compress(deflate: Deflate, block: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const onData = (part: Buffer) => parts.push(part);
    deflate.on("data", onData);
    deflate.once("error", reject);
    deflate.write(block);
    deflate.flush(zlib.Z_SYNC_FLUSH, () => {
      deflate.off("data", onData);
      deflate.off("error", reject);
      resolve(Buffer.concat(parts));
    });
  });
}
