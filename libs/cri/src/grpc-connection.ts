import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, type ClientReadableStream, credentials, Metadata } from "@grpc/grpc-js";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { traceparentOf } from "@podbus/telemetry";
import type { CriCallOptions, UnaryMethods } from "./cri.ts";
import { defaultRequestTimeoutMs, defaultTimeoutMs } from "./default-timeouts.ts";
import { fromGrpc } from "./grpc-error.ts";

export interface ConnectionOptions {
  /** "unix:///run/…/containerd.sock". */
  readonly endpoint: string;
  readonly clock: Clock;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a call whose caller says nothing: see default-timeouts.ts. */
  readonly requestTimeoutMs?: number | undefined;
}

/** A gRPC channel to the runtime's socket, and what every call on it needs. */
export interface Connection extends Disposable {
  readonly client: Client;
  readonly clock: Clock;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestTimeoutMs: number;
}

/** A node's list of containers is one message; the kubelet allows 16 MiB, we more. */
const maxMessageBytes = 64 * 1024 * 1024;

/** The runtime is on this machine: after its restart it is found within half a second, without storms. */
const channelOptions = {
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  "grpc.initial_reconnect_backoff_ms": 50,
  "grpc.min_reconnect_backoff_ms": 50,
  "grpc.max_reconnect_backoff_ms": 500,
  "grpc.enable_retries": 0,
} as const;

/** Connects at the first call, and again whenever the connection is lost. */
export function openConnection(options: ConnectionOptions): Connection {
  const { endpoint, clock, headers = {}, requestTimeoutMs = defaultRequestTimeoutMs } = options;
  const client = new Client(endpoint, credentials.createInsecure(), channelOptions);
  return { client, clock, headers, requestTimeoutMs, [Symbol.dispose]: () => client.close() };
}

type UnaryCall = (init: MessageInitShape<DescMessage>, options?: CriCallOptions) => Promise<Message>;

/** The unary methods of a service, as functions. */
export function unaryMethods<S extends DescService>(service: S, connection: Connection): UnaryMethods<S> {
  const calls: Record<string, UnaryCall> = {};
  for (const method of service.methods) {
    if (isUnary(method))
      calls[method.localName] = (init, options) => callUnary(connection, method, init, options ?? {});
  }
  // Built from the same descriptor that the type is made of; the compiler cannot see that.
  return calls as unknown as UnaryMethods<S>;
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

function callUnary(
  connection: Connection,
  method: DescMethodUnary,
  init: MessageInitShape<DescMessage>,
  { timeoutMs, signal }: CriCallOptions,
): Promise<Message> {
  const request = create(method.input, init);
  const { client, clock, requestTimeoutMs } = connection;
  const limitMs = timeoutMs ?? defaultTimeoutMs(method.name, request, requestTimeoutMs);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled(method.name, signal));
    let ended: PodbusError | undefined;
    const end = (error: PodbusError) => {
      ended = error;
      call.cancel();
    };
    const onAbort = () => end(cancelled(method.name, signal));
    const stopTimer = Number.isFinite(limitMs)
      ? clock.after(limitMs, () => end(timedOut(method.name, limitMs)))
      : () => {};
    const call = client.makeUnaryRequest(
      pathOf(method),
      (message: Message) => Buffer.from(toBinary(method.input, message)),
      (bytes: Buffer) => fromBinary(method.output, bytes),
      request,
      metadataOf(connection),
      (error, response) => {
        stopTimer();
        signal?.removeEventListener("abort", onAbort);
        if (error) reject(ended ?? fromGrpc(method.name, error));
        else resolve(response as Message);
      },
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * The messages of a server's stream. The iteration ends quietly when `signal` is aborted, and throws a PodbusError when
 * the stream breaks.
 */
export async function* readStream<I extends DescMessage, O extends DescMessage>(
  connection: Connection,
  method: DescMethodServerStreaming<I, O>,
  { init, signal }: { readonly init: MessageInitShape<I>; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<MessageShape<O>> {
  if (signal?.aborted) return;
  const stream: ClientReadableStream<MessageShape<O>> = connection.client.makeServerStreamRequest(
    pathOf(method),
    (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
    (bytes: Buffer) => fromBinary(method.output, bytes),
    create(method.input, init),
    metadataOf(connection),
  );
  const onAbort = () => stream.cancel();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    yield* stream;
  } catch (error) {
    if (signal?.aborted) return;
    throw fromGrpc(method.name, error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stream.cancel();
  }
}

/** A whole server's stream; fails DEADLINE_EXCEEDED if it does not end in time. */
export async function readAll<I extends DescMessage, O extends DescMessage>(
  connection: Connection,
  method: DescMethodServerStreaming<I, O>,
  { init, timeoutMs }: { readonly init: MessageInitShape<I>; readonly timeoutMs: number },
): Promise<MessageShape<O>[]> {
  const late = new AbortController();
  const stopTimer = connection.clock.after(timeoutMs, () => late.abort());
  try {
    const messages: MessageShape<O>[] = [];
    for await (const message of readStream(connection, method, { init, signal: late.signal })) messages.push(message);
    if (late.signal.aborted) throw timedOut(method.name, timeoutMs);
    return messages;
  } finally {
    stopTimer();
  }
}

function pathOf(method: { readonly parent: DescService; readonly name: string }): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function metadataOf({ headers }: Connection): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const traceparent = traceparentOf();
  if (traceparent) metadata.set("traceparent", traceparent);
  return metadata;
}

function cancelled(method: string, signal: AbortSignal | undefined): PodbusError {
  return new PodbusError({ code: "CANCELLED", message: `${method} was cancelled`, cause: signal?.reason });
}

function timedOut(method: string, limitMs: number): PodbusError {
  return new PodbusError({
    code: "DEADLINE_EXCEEDED",
    message: `container runtime: ${method} did not answer within ${limitMs} ms`,
  });
}
