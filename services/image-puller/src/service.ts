import { ImagePuller, NodeApi } from "@podbus/contracts";
import { type Cri, createCri } from "@podbus/cri";
import { createNodeEventRecorder } from "@podbus/events";
import type { ServiceRuntime } from "@podbus/service";
import { createCriImages } from "./adapters/cri-images.ts";
import { createPodEvents } from "./adapters/pod-events.ts";
import type { ImagePullerConfig } from "./config.ts";
import { PullAttempts } from "./domain/pull-attempts.ts";
import { ensureImage } from "./handlers/ensure-image.ts";
import { listImages } from "./handlers/list-images.ts";
import { PullQueue } from "./pulls/pull-queue.ts";
import { SharedPulls } from "./pulls/shared-pulls.ts";

/** A restarting pod-lifecycle is back well within this; longer, and a pull that nobody wants would hold a turn. */
const lingerMs = 30_000;

/** Serves ImagePuller of this node. `parts` replaces what is otherwise made from the configuration, for tests. */
export async function startImagePuller(
  runtime: ServiceRuntime,
  config: ImagePullerConfig,
  parts: { readonly cri?: Cri } = {},
): Promise<AsyncDisposable> {
  const { bus, clock, log, tracer } = runtime;
  const node = { node: config.nodeName };
  await using started = new AsyncDisposableStack();
  const cri = parts.cri ?? started.use(createCri({ endpoint: config.criEndpoint, clock }));
  const recorder = started.use(createNodeEventRecorder({ nodeApi: bus.client(NodeApi, node), clock, log }));
  const images = createCriImages(cri);
  const deps = {
    images,
    events: createPodEvents(recorder),
    pulls: new SharedPulls({ queue: new PullQueue(config.maxParallelPulls), clock, lingerMs }),
    attempts: new PullAttempts(),
    clock,
    log,
    tracer,
    pullTimeoutMs: config.pullTimeoutMs,
    perRuntimeHandler: config.perRuntimeHandler,
  };
  started.use(
    await bus.serve(ImagePuller, node, {
      ensureImage: (request, call) => ensureImage(deps, request, call),
      listImages: () => listImages(images),
    }),
  );
  return started.move();
}
