import { randomUUID } from "node:crypto";
import { Duplex } from "node:stream";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@podbus/bus";
import type { OpenTunnelRequestSchema, OpenTunnelResponse, PodLifecycle } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { inputPieceBytes, piecesOf } from "../domain/pieces-of.ts";

export interface HttpHeader {
  readonly name: string;
  readonly value: string;
}

export interface Tunnel {
  readonly stream: Duplex;
  /** Of the runtime's answer to an upgrade. */
  readonly headers: readonly HttpHeader[];
}

type TunnelRequest = Omit<MessageInitShape<typeof OpenTunnelRequestSchema>, "sessionId" | "$typeName">;

/** Opens a connection on a node. Rejects as the node refuses; the stream ends when the signal is aborted. */
export async function openTunnel(
  client: Client<typeof PodLifecycle>,
  request: TunnelRequest,
  signal: AbortSignal,
): Promise<Tunnel> {
  const sessionId = randomUUID();
  const leaving = new AbortController();
  const responses = client
    .openTunnel({ ...request, sessionId }, { signal: AbortSignal.any([signal, leaving.signal]) })
    [Symbol.asyncIterator]();
  const first = await responses.next();
  if (first.done || first.value.output.case !== "opened") {
    throw new PodbusError({ code: "INTERNAL", message: "the node did not say that the tunnel is open" });
  }
  // Who reads at the other end may take any time: only the tunnel's end is one for the call.
  const unbounded = { timeoutMs: Number.POSITIVE_INFINITY, signal: leaving.signal };
  const send = (sequence: bigint, input: TunnelInput) =>
    client.sendTunnelInput({ sessionId, sequence, input }, unbounded);
  const stream = new TunnelStream({ responses, send, leave: () => leaving.abort() });
  signal.addEventListener("abort", () => stream.destroy(), { once: true });
  return { stream, headers: first.value.output.value.headers };
}

type TunnelInput =
  | { readonly case: "data"; readonly value: Uint8Array }
  | { readonly case: "end"; readonly value: object };

interface TunnelEnds {
  readonly responses: AsyncIterator<OpenTunnelResponse>;
  send(sequence: bigint, input: TunnelInput): Promise<unknown>;
  leave(): void;
}

/** A connection that begins on a node, as a stream here. Each direction waits for the other end to take what it carries. */
class TunnelStream extends Duplex {
  readonly #ends: TunnelEnds;
  #sequence = 0n;

  constructor(ends: TunnelEnds) {
    super({ allowHalfOpen: true, writableHighWaterMark: inputPieceBytes });
    this.#ends = ends;
  }

  override async _read(): Promise<void> {
    try {
      const { done, value } = await this.#ends.responses.next();
      if (done) this.push(null);
      else if (value.output.case === "data") this.push(Buffer.from(value.output.value));
      else await this._read();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#sendData(chunk).then(() => done(), done);
  }

  /** What has come while another piece was under way goes together: each costs a way there and back. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "buffer", done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#send({ case: "end", value: {} }).then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ends.leave();
    done(error);
  }

  /** A WebSocket's message may be larger than the bus carries. */
  async #sendData(data: Uint8Array): Promise<void> {
    for (const value of piecesOf(data, inputPieceBytes)) await this.#send({ case: "data", value });
  }

  async #send(input: TunnelInput): Promise<void> {
    try {
      await this.#ends.send(++this.#sequence, input);
    } catch (error) {
      // The other end has gone: what it does not read is lost, as on any connection.
      if (!isGone(error)) throw error;
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof PodbusError && error.code === "NOT_FOUND";
}
