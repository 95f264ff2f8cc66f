import { type Client, createMemoryBus } from "@podbus/bus";
import { FakeClock } from "@podbus/clock";
import { type EnsureImageRequest, type EnsureImageResponse, type EventRecord, ImagePuller } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import { createLogger } from "@podbus/telemetry";
import { FakeCri, type MemoryTracer, memoryTracer } from "@podbus/testkit";
import { type ImagePullerParts, imagePullerConfig, startImagePuller } from "image-puller";
import { startFakeNodeApi } from "./fake-node-api.ts";

const node = "node-1";

export type Ask = Partial<
  Pick<EnsureImageRequest, "image" | "pullPolicy" | "containerName" | "runtimeHandler" | "imagePullSecrets">
> & {
  readonly uid?: string;
};

/** The service on a bus in memory, with a fake runtime and a fake NodeApi that keeps the events. */
export interface Fixture extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly cri: FakeCri;
  readonly spans: MemoryTracer;
  readonly client: Client<typeof ImagePuller>;
  /** Lines of the service's log. */
  readonly logged: { step?: string; phase?: string; image?: string; pod?: string }[];
  /** Asks for an image; short texts of what the stream says, the failure's reason last. */
  ask(wish?: Ask, signal?: AbortSignal): Promise<Answer>;
  /** "Normal Pulled …" in order, since the last time it was asked. */
  events(): string[];
  readonly records: readonly EventRecord[];
  /** By name: what the pods' namespace has. */
  readonly secrets: Map<string, object>;
}

export interface Answer {
  readonly updates: EnsureImageResponse["update"][];
  readonly error: PodbusError | undefined;
}

export async function startFixture(
  env: Record<string, string> = {},
  parts: Omit<ImagePullerParts, "cri"> = {},
): Promise<Fixture> {
  const opened = new AsyncDisposableStack();
  const clock = new FakeClock();
  const cri = new FakeCri({ clock });
  const spans = opened.use(memoryTracer());
  const hub = createMemoryBus({ clock });
  const { records, secrets, take } = opened.use(await startFakeNodeApi(hub));
  const logged: Fixture["logged"] = [];
  const log = createLogger({
    service: "image-puller",
    destination: { write: (line) => void logged.push(JSON.parse(line)) },
  });
  const tracer = spans.tracer("image-puller");
  const bus = opened.use(hub.bus("image-puller", { tracer }));
  const config = imagePullerConfig.parse({ PODBUS_NODE_NAME: node, ...env });
  opened.use(await startImagePuller({ bus, clock, log, tracer }, config, { ...parts, cri }));
  const client = opened.use(hub.bus("pod-lifecycle")).client(ImagePuller, { node });
  return {
    clock,
    cri,
    spans,
    client,
    logged,
    records,
    secrets,
    ask: ({ uid = "u-1", ...wish } = {}, signal = new AbortController().signal) => {
      const request = { containerName: "main", image: "app:1", pullPolicy: "IfNotPresent", ...wish };
      return answerOf(client.ensureImage({ pod: { namespace: "shop", name: "web", uid }, ...request }, { signal }));
    },
    events: take,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export async function answerOf(stream: AsyncIterable<EnsureImageResponse>): Promise<Answer> {
  const updates: EnsureImageResponse["update"][] = [];
  try {
    for await (const { update } of stream) updates.push(update);
    return { updates, error: undefined };
  } catch (error) {
    if (!(error instanceof PodbusError)) throw error;
    return { updates, error };
  }
}
