import type { Clock } from "@podbus/clock";
import { type ContainerEventResponse, ImageService, RuntimeService } from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";
import type { Cri } from "./cri.ts";
import { type Connection, openConnection, readStream, unaryMethods } from "./grpc-connection.ts";

export interface CriOptions {
  /** "unix:///run/…/containerd.sock". */
  readonly endpoint: string;
  readonly clock: Clock;
  /** What a plain call may take, in milliseconds; others follow from it (default-timeouts.ts). Default: 2 minutes. */
  readonly requestTimeoutMs?: number | undefined;
}

/** Connects at the first call, and again whenever the connection is lost. */
export function createCri(options: CriOptions): Cri {
  const connection = openConnection(options);
  return {
    runtime: {
      ...unaryMethods(RuntimeService, connection),
      getContainerEvents: (signal?: AbortSignal) => readEvents(connection, signal),
    },
    image: unaryMethods(ImageService, connection),
    [Symbol.asyncDispose]: async () => connection[Symbol.dispose](),
  };
}

async function* readEvents(connection: Connection, signal?: AbortSignal): AsyncGenerator<ContainerEventResponse> {
  yield* readStream(connection, RuntimeService.method.getContainerEvents, { init: {}, signal });
  if (signal?.aborted) return;
  throw new PodbusError({ code: "UNAVAILABLE", message: "container runtime: the event stream ended" });
}
