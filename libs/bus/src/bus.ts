import type {
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";

/** What a handler knows about its call besides the request. */
export interface CallContext {
  /** Aborted when the caller cancelled, is gone, or the deadline has passed. */
  readonly signal: AbortSignal;
  /** Milliseconds that the caller still waits; Infinity for a stream without a deadline. */
  remainingMs(): number;
  /** The node in the subject; "" for a cluster service. NATS permissions make it trustworthy. */
  readonly node: string;
  /** Name of the calling service, for logs; not authenticated. */
  readonly caller: string;
}

export interface CallOptions {
  /** The whole call, in milliseconds. Default for unary calls: 10,000. Streams have none unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** One method per rpc: unary ones answer a message, streaming ones yield messages. */
export type Implementation<S extends DescService> = {
  [K in keyof S["method"]]: S["method"][K] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, context: CallContext) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : S["method"][K] extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, context: CallContext) => AsyncIterable<MessageInitShape<O>>
      : never;
};

export type Client<S extends DescService> = {
  [K in keyof S["method"]]: S["method"][K] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : S["method"][K] extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
      : never;
};

/**
 * Where a node-scoped service is: a node's name, or "*" to serve every node's subject (NodeApi).
 * Cluster services take no target.
 */
export interface Target {
  readonly node?: string;
}

/**
 * Protobuf services over NATS (ADR-32). Failures are PodbusErrors:
 * - UNAVAILABLE: no provider could be reached before the deadline, or a stream's provider went silent;
 * - DEADLINE_EXCEEDED: a provider had the call and did not answer in time;
 * - CANCELLED: the caller's signal;
 * - anything else: as thrown by the handler, with its reason, message and retryAfterMs.
 * A call may reach a handler more than once (after a reconnect): handlers are idempotent.
 */
export interface Bus extends AsyncDisposable {
  serve<S extends DescService>(service: S, target: Target, implementation: Implementation<S>): Promise<AsyncDisposable>;
  client<S extends DescService>(service: S, target?: Target): Client<S>;
  /** Resolves when connected; for health and start-up. */
  readonly connected: boolean;
  /** Sends what is buffered, finishes running handlers, then closes. */
  [Symbol.asyncDispose](): Promise<void>;
}
