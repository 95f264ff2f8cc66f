import { randomUUID } from "node:crypto";
import { Duplex } from "node:stream";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@podbus/bus";
import type { OpenTunnelRequestSchema, OpenTunnelResponse, PodLifecycle } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";

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
  const send = (sequence: bigint, input: TunnelInput) => client.sendTunnelInput({ sessionId, sequence, input });
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
    super({ allowHalfOpen: true });
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
    this.#send({ case: "data", value: chunk }, done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#send({ case: "end", value: {} }, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ends.leave();
    done(error);
  }

  #send(input: TunnelInput, done: (error?: Error) => void): void {
    this.#ends.send(++this.#sequence, input).then(
      () => done(),
      // The other end has gone: what it does not read is lost, as on any connection.
      (error: unknown) => (isGone(error) ? done() : done(error as Error)),
    );
  }
}

function isGone(error: unknown): boolean {
  return error instanceof PodbusError && error.code === "NOT_FOUND";
}
