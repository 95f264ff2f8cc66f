import type { DescMethodUnary, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ContainerEventResponse, ImageService, RuntimeService } from "@podbus/contracts/cri";

export interface CriCallOptions {
  /** The whole call, in milliseconds. Default: see default-timeouts.ts. Infinity waits for ever. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The unary methods of a service, as functions: a message (or its initial values) in, a message out. */
export type UnaryMethods<S extends DescService> = {
  readonly [K in keyof S["method"] as S["method"][K] extends DescMethodUnary
    ? K
    : never]: S["method"][K] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CriCallOptions) => Promise<MessageShape<O>>
    : never;
};

export interface RuntimeClient extends UnaryMethods<typeof RuntimeService> {
  /**
   * Container events from now on. The iteration ends quietly when `signal` is aborted and throws a PodbusError when
   * the stream breaks or the runtime ends it; nothing is replayed, so the caller opens it again and lists again.
   *
   * containerd 1.7 has ONE queue of events for all readers (containerd issue 7318): two readers of one containerd
   * share the events between them, so a node has a single reader. A reader that went away without containerd
   * noticing still takes one event. Readers are served in order of arrival: once the first event has arrived on a
   * new stream, all earlier readers are used up. Until then the caller must not rely on events: list at short
   * intervals until the first event, at long ones afterwards.
   */
  getContainerEvents(signal?: AbortSignal): AsyncIterable<ContainerEventResponse>;
}

/**
 * A container runtime. Failures are PodbusErrors with the code that the runtime gave:
 * - UNAVAILABLE: nobody listens on the socket, or the connection broke; told at once, the client reconnects by itself;
 * - DEADLINE_EXCEEDED: no answer within timeoutMs; the runtime may still finish the work, or keep a name reserved;
 * - CANCELLED: the caller's signal, with the same caveat.
 * The active span's context travels with every call.
 */
export interface Cri extends AsyncDisposable {
  readonly runtime: RuntimeClient;
  readonly image: UnaryMethods<typeof ImageService>;
}
