import {
  headers as createHeaders,
  createInbox,
  errors,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
} from "@nats-io/nats-core";
import { PodbusError } from "@podbus/errors";
import type { HeaderMap } from "../domain/headers.ts";
import type {
  InboundMessage,
  OutboundMessage,
  SubscribeOptions,
  Transport,
  TransportEvent,
  TransportSubscription,
} from "../transport.ts";

const noHeaders: HeaderMap = {};

/** The transport over a NATS connection, which it does not own. */
export class NatsTransport implements Transport {
  readonly inbox: string;
  readonly #connection: NatsConnection;
  readonly #listeners = new Set<(event: TransportEvent) => void>();
  #connected: boolean;
  #closed = false;
  #maxPayloadBytes = 1024 * 1024;

  constructor(connection: NatsConnection, inboxPrefix: string) {
    this.#connection = connection;
    this.inbox = createInbox(inboxPrefix);
    this.#connected = connection.info !== undefined && !connection.isClosed();
    void this.#follow();
  }

  get connected(): boolean {
    return this.#connected && !this.closed;
  }

  get closed(): boolean {
    return this.#closed || this.#connection.isClosed() || this.#connection.isDraining();
  }

  get maxPayloadBytes(): number {
    // Unknown while disconnected: what the last server said holds until then.
    this.#maxPayloadBytes = this.#connection.info?.max_payload ?? this.#maxPayloadBytes;
    return this.#maxPayloadBytes;
  }

  publish({ subject, data, headers, reply }: OutboundMessage): void {
    // Lost, as on any connection that is gone; a closed client would throw into whoever happens to send.
    if (this.closed) return;
    this.#connection.publish(subject, data, {
      ...(reply === undefined ? {} : { reply }),
      ...(headers === undefined ? {} : { headers: encodeHeaders(headers) }),
    });
  }

  subscribe(
    subject: string,
    { queue, onDenied }: SubscribeOptions,
    onMessage: (message: InboundMessage) => void,
  ): TransportSubscription {
    const subscription = this.#connection.subscribe(subject, {
      ...(queue === undefined ? {} : { queue }),
      callback: (error, message) => (error ? onDenied() : onMessage(decodeMessage(message))),
    });
    const over = () => subscription.isClosed() || this.#connection.isClosed();
    return {
      drain: async () => {
        if (!over()) await subscription.drain();
      },
      close: () => {
        if (!over()) subscription.unsubscribe();
      },
    };
  }

  flush(): Promise<void> {
    return this.#connection.flush();
  }

  observe(listener: (event: TransportEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    this.#listeners.clear();
  }

  async #follow(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (this.#closed) return;
      if (status.type === "disconnect" || status.type === "close") this.#setConnected(false);
      if (status.type === "reconnect") this.#setConnected(true);
      if (status.type === "error") this.#onError(status.error);
    }
  }

  /** The client says "disconnect" for each failed try too, and "reconnect" as often afterwards. */
  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    this.#emit({ kind: connected ? "connected" : "disconnected" });
  }

  #onError(error: Error): void {
    if (!(error instanceof errors.PermissionViolationError) || error.operation !== "publish") return;
    this.#emit({ kind: "denied", subject: error.subject });
  }

  #emit(event: TransportEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function encodeHeaders(headers: HeaderMap): MsgHdrs {
  const encoded = createHeaders();
  for (const [name, value] of Object.entries(headers)) encoded.append(name, value);
  return encoded;
}

function decodeMessage(message: Msg): InboundMessage {
  const { subject, reply = "", headers } = message;
  // Node's transport delivers Buffers; what comes out of a message is plain bytes, as in memory.
  const data = new Uint8Array(message.data.buffer, message.data.byteOffset, message.data.byteLength);
  return { subject, data, reply, headers: headers ? decodeHeaders(headers) : noHeaders, status: headers?.code ?? 0 };
}

function decodeHeaders(headers: MsgHdrs): HeaderMap {
  const decoded: Record<string, string> = {};
  for (const [name, values] of headers) decoded[name] = values[0] ?? "";
  return decoded;
}

/** Refuses an inbox prefix that would not be one subject. */
export function assertInboxPrefix(prefix: string): void {
  if (/^[-_A-Za-z0-9]+(?:\.[-_A-Za-z0-9]+)*$/.test(prefix)) return;
  throw new PodbusError({ code: "INVALID_ARGUMENT", message: `inbox prefix "${prefix}" is no subject` });
}
