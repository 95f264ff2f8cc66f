import type { Clock } from "@podbus/clock";
import { ImagePuller, NodeApi, PullMonitor } from "@podbus/contracts";
import { type Cri, createContentStore, createCri } from "@podbus/cri";
import { createNodeEventRecorder } from "@podbus/events";
import type { ServiceRuntime } from "@podbus/service";
import type { Logger } from "@podbus/telemetry";
import { ImageAccess } from "./access/image-access.ts";
import { memoryRecords } from "./access/memory-records.ts";
import { createContainerdDownloads } from "./adapters/containerd-downloads.ts";
import { createCriImages } from "./adapters/cri-images.ts";
import { createCriInventory } from "./adapters/cri-inventory.ts";
import { NodeCredentials } from "./adapters/node-credentials.ts";
import { createNodeEvents } from "./adapters/node-events.ts";
import { createPodEvents } from "./adapters/pod-events.ts";
import { createPodSecrets } from "./adapters/pod-secrets.ts";
import { createPullRecordFiles } from "./adapters/pull-record-files.ts";
import { readPluginConfig } from "./adapters/read-plugin-config.ts";
import { ImageCollector } from "./collection/image-collector.ts";
import { ImageGuard } from "./collection/image-guard.ts";
import type { ImagePullerConfig } from "./config.ts";
import { PluginCredentials } from "./credentials/plugin-credentials.ts";
import { PullCredentials } from "./credentials/pull-credentials.ts";
import type { CredentialProvider } from "./domain/credentials/registry-credential.ts";
import { PodOrder } from "./domain/pod-order.ts";
import { PullAttempts } from "./domain/pull-attempts.ts";
import { ensureImage } from "./handlers/ensure-image.ts";
import { listImages } from "./handlers/list-images.ts";
import { listPulls } from "./handlers/list-pulls.ts";
import type { Downloads, ImageInventory, PullRecordStore } from "./ports.ts";
import { DownloadWatch } from "./pulls/download-watch.ts";
import { ImagePulls } from "./pulls/image-pulls.ts";
import { PullBoard } from "./pulls/pull-board.ts";
import { PullQueue } from "./pulls/pull-queue.ts";
import { SharedPulls } from "./pulls/shared-pulls.ts";

/** A restarting pod-lifecycle is back well within this; longer, and a pull that nobody wants would hold a turn. */
const lingerMs = 30_000;

/** What is otherwise made from the configuration: a runtime of a test's own, with what it tells besides images. */
export interface ImagePullerParts {
  readonly cri: Cri;
  readonly downloads?: Downloads;
  /** Nothing is collected without. */
  readonly inventory?: ImageInventory;
  /** In memory without. */
  readonly records?: PullRecordStore;
  /** Of the node; without, it has no credentials. */
  readonly credentials?: readonly CredentialProvider[];
}

/** Serves ImagePuller and PullMonitor of this node. */
export async function startImagePuller(
  runtime: ServiceRuntime,
  config: ImagePullerConfig,
  parts?: ImagePullerParts,
): Promise<AsyncDisposable> {
  const { bus, clock, log, tracer } = runtime;
  const node = { node: config.nodeName };
  await using started = new AsyncDisposableStack();
  const made = parts ?? openParts(config, { clock, log, started });
  const { cri, downloads, inventory, records = memoryRecords(), credentials: providers = [] } = made;
  const nodeApi = bus.client(NodeApi, node);
  const recorder = started.use(createNodeEventRecorder({ nodeApi, clock, log }));
  const images = createCriImages(cri);
  const board = new PullBoard();
  const guard = new ImageGuard();
  const access = await ImageAccess.load({ policy: config.imageAccess.policy, store: records, clock, log });
  const deps = {
    images,
    events: createPodEvents(recorder),
    pulls: new ImagePulls({
      images,
      pulls: new SharedPulls({ queue: new PullQueue({ clock, ...config.queue }), clock, lingerMs }),
      downloads: new DownloadWatch({ downloads, clock, log }),
      access,
      clock,
      log,
      timeoutMs: config.pullTimeoutMs,
    }),
    order: new PodOrder(),
    board,
    guard,
    access,
    credentials: new PullCredentials({ secrets: createPodSecrets(nodeApi, log), providers, log }),
    attempts: new PullAttempts(),
    clock,
    tracer,
    perRuntimeHandler: config.perRuntimeHandler,
  };
  started.use(
    await bus.serve(ImagePuller, node, {
      ensureImage: (request, call) => ensureImage(deps, request, call),
      listImages: () => listImages(images),
    }),
  );
  started.use(await bus.serve(PullMonitor, node, { listPulls: () => listPulls(board) }));
  if (inventory) {
    const events = createNodeEvents(recorder, config.nodeName);
    started.use(
      runUntilDisposed(new ImageCollector({ inventory, guard, access, events, ...config.imageGc, clock, log })),
    );
  }
  return started.move();
}

/** Dispose waits for a removal that is under way. */
function runUntilDisposed(collector: ImageCollector): AsyncDisposable {
  const stop = new AbortController();
  const running = collector.run(stop.signal);
  return {
    [Symbol.asyncDispose]: () => {
      stop.abort();
      return running;
    },
  };
}

interface Opening {
  readonly clock: Clock;
  readonly log: Logger;
  readonly started: AsyncDisposableStack;
}

function openParts(config: ImagePullerConfig, { clock, log, started }: Opening): ImagePullerParts {
  const { criEndpoint, criTimeoutMs: requestTimeoutMs, imageAccess } = config;
  const options = { endpoint: criEndpoint, requestTimeoutMs, clock };
  const cri = started.use(createCri(options));
  return {
    cri,
    downloads: createContainerdDownloads(started.use(createContentStore(options))),
    inventory: createCriInventory(cri),
    records: createPullRecordFiles(imageAccess.recordsDir),
    credentials: [
      new NodeCredentials({
        stateDir: imageAccess.stateDir,
        workingDir: process.cwd(),
        homeDir: process.env.HOME,
        log,
      }),
      ...openPlugins(config, clock).map((plugin) => started.use(plugin)),
    ],
  };
}

/** A configuration that makes no sense ends the start. */
function openPlugins({ credentialPlugins }: ImagePullerConfig, clock: Clock): readonly PluginCredentials[] {
  if (!credentialPlugins) return [];
  const { configFile, binDir } = credentialPlugins;
  return readPluginConfig(configFile).map(
    (plugin) => new PluginCredentials({ plugin, binDir, clock, env: process.env }),
  );
}
