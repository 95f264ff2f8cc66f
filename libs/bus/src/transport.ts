import type { HeaderMap } from "./domain/headers.ts";

export interface OutboundMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers?: HeaderMap;
  readonly reply?: string;
}

export interface InboundMessage {
  readonly subject: string;
  /** "" where no reply is wanted. */
  readonly reply: string;
  readonly data: Uint8Array;
  readonly headers: HeaderMap;
  /** 503: nobody serves the subject of the request that this answers; else 0. */
  readonly status: number;
}

export const noResponders = 503;

export type TransportEvent =
  | { readonly kind: "connected" }
  | { readonly kind: "disconnected" }
  /** The server refused a publication. */
  | { readonly kind: "denied"; readonly subject: string };

export interface SubscribeOptions {
  /** Of all subscriptions in one queue group, one gets each message. */
  readonly queue?: string;
  /** The server refused the subscription; it is dead. */
  readonly onDenied: () => void;
}

export interface TransportSubscription {
  /** Stops new messages; resolves when those under way have been delivered. */
  drain(): Promise<void>;
  /** Stops at once. */
  close(): void;
}

/**
 * What the protocol needs of a message system: NATS, or one in memory. While disconnected, publications are lost;
 * subscriptions live on and work again once connected.
 */
export interface Transport {
  readonly connected: boolean;
  /** It will never be connected again. */
  readonly closed: boolean;
  /** Largest message, headers included. */
  readonly maxPayloadBytes: number;
  /** Subjects below this one are heard by nobody else. */
  readonly inbox: string;
  publish(message: OutboundMessage): void;
  subscribe(
    subject: string,
    options: SubscribeOptions,
    onMessage: (message: InboundMessage) => void,
  ): TransportSubscription;
  /** Resolves when all that was sent before has reached the server; rejects where the connection is lost meanwhile. */
  flush(): Promise<void>;
  /** Calls back until the returned function is called. */
  observe(listener: (event: TransportEvent) => void): () => void;
  /** Releases what belongs to the transport; not a connection that was given to it. */
  close(): void;
}
