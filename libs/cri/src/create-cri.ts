import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, type ClientReadableStream, credentials, Metadata } from "@grpc/grpc-js";
import type { Clock } from "@podbus/clock";
import {
  type ContainerEventResponse,
  ContainerEventResponseSchema,
  GetEventsRequestSchema,
  ImageService,
  RuntimeService,
} from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";
import { traceparentOf } from "@podbus/telemetry";
import type { Cri, CriCallOptions, UnaryMethods } from "./cri.ts";
import { defaultTimeoutMs } from "./default-timeouts.ts";
import { fromGrpc } from "./grpc-error.ts";

export interface CriOptions {
  /** "unix:///run/…/containerd.sock". */
  readonly endpoint: string;
  readonly clock: Clock;
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
export function createCri({ endpoint, clock }: CriOptions): Cri {
  const client = new Client(endpoint, credentials.createInsecure(), channelOptions);
  const connection = { client, clock };
  return {
    runtime: {
      ...unaryMethods(RuntimeService, connection),
      getContainerEvents: (signal?: AbortSignal) => readEvents(client, signal),
    },
    image: unaryMethods(ImageService, connection),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

interface Connection {
  readonly client: Client;
  readonly clock: Clock;
}

type UnaryCall = (init: MessageInitShape<DescMessage>, options?: CriCallOptions) => Promise<Message>;

function unaryMethods<S extends DescService>(service: S, connection: Connection): UnaryMethods<S> {
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
  { client, clock }: Connection,
  method: DescMethodUnary,
  init: MessageInitShape<DescMessage>,
  { timeoutMs, signal }: CriCallOptions,
): Promise<Message> {
  const request = create(method.input, init);
  const limitMs = timeoutMs ?? defaultTimeoutMs(method.name, request);
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
      tracedMetadata(),
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

async function* readEvents(client: Client, signal?: AbortSignal): AsyncGenerator<ContainerEventResponse> {
  const method = RuntimeService.method.getContainerEvents;
  if (signal?.aborted) return;
  const stream: ClientReadableStream<ContainerEventResponse> = client.makeServerStreamRequest(
    pathOf(method),
    () => Buffer.from(toBinary(GetEventsRequestSchema, create(GetEventsRequestSchema))),
    (bytes: Buffer) => fromBinary(ContainerEventResponseSchema, bytes),
    {},
    tracedMetadata(),
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
  if (signal?.aborted) return;
  throw new PodbusError({ code: "UNAVAILABLE", message: "container runtime: the event stream ended" });
}

function pathOf(method: { readonly parent: DescService; readonly name: string }): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function tracedMetadata(): Metadata {
  const metadata = new Metadata();
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
