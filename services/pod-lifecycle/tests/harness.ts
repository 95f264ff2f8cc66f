import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Bus, createMemoryBus, type Implementation, type MemoryBus } from "@podbus/bus";
import { type Clock, FakeClock } from "@podbus/clock";
import {
  type EventRecord,
  HookRunner,
  ImagePuller,
  NodeApi,
  PodLifecycle,
  ProbeRunner,
  type RunHookRequest,
  type RunProbesRequest,
  type RunProbesResponseSchema,
} from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { Node, Pod, PodStatus } from "@podbus/kube";
import { createLogger } from "@podbus/telemetry";
import { FakeCri, memoryTracer } from "@podbus/testkit";
import { shutdownPeriods } from "../src/domain/shutdown-groups.ts";
import type { MachineShutdown } from "../src/ports.ts";
import { startPodLifecycle } from "../src/service.ts";

type ProbeResponse = MessageInitShape<typeof RunProbesResponseSchema>;

/** A queue that a test fills and a stream's reader empties. */
class Channel<T> {
  readonly #items: T[] = [];
  #wake: () => void = () => {};
  #closed = false;

  push(item: T): void {
    this.#items.push(item);
    this.#wake();
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  async *read(signal: AbortSignal): AsyncGenerator<T> {
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    while (!signal.aborted) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#closed) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

type FeedEvent = {
  event:
    | { case: "pod"; value: { podJson: Uint8Array } }
    | { case: "gone"; value: { pod: { uid: string } } }
    | { case: "node"; value: { nodeJson: Uint8Array } }
    | { case: "synced"; value: object };
};

/** What the cluster would be for one node: keeps pods and answers as the api-gateway does. */
export class FakeCluster {
  readonly pods = new Map<string, Pod>();
  readonly dependencies = new Map<string, object>();
  readonly statuses: { readonly uid: string; readonly status: PodStatus }[] = [];
  readonly events: EventRecord[] = [];
  readonly finished: string[] = [];
  readonly nodes: Node[] = [];
  leases = 0;
  tokensMade = 0;
  readonly #clock: Clock;
  /** How often someone else has written the Node. */
  nodeChanges = 0;
  /** The Node as users have changed it. */
  storedNode: Node | undefined;
  /** Set to refuse status writes. */
  statusFailure: PodbusError | undefined;
  #feeds = new Set<Channel<FeedEvent>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The stored status, as kubectl would see it. */
  statusOf(uid: string): PodStatus | undefined {
    return this.pods.get(uid)?.status;
  }

  put(pod: Pod): void {
    this.pods.set(pod.metadata.uid ?? "", pod);
    for (const feed of this.#feeds) feed.push(value(pod));
  }

  change(uid: string, change: (pod: Pod) => Pod): void {
    const pod = this.pods.get(uid);
    if (pod) this.put(change(pod));
  }

  remove(uid: string): void {
    this.pods.delete(uid);
    for (const feed of this.#feeds) feed.push({ event: { case: "gone", value: { pod: { uid } } } });
  }

  breakFeeds(): void {
    for (const feed of this.#feeds) feed.close();
  }

  async *#watch(signal: AbortSignal) {
    const feed = new Channel<FeedEvent>();
    this.#feeds.add(feed);
    if (this.storedNode) {
      const nodeJson = Buffer.from(JSON.stringify(this.storedNode));
      feed.push({ event: { case: "node", value: { nodeJson } } });
    }
    for (const pod of this.pods.values()) feed.push(value(pod));
    feed.push({ event: { case: "synced", value: {} } });
    try {
      yield* feed.read(signal);
    } finally {
      this.#feeds.delete(feed);
    }
  }

  mirrorsMade = 0;
  services: {
    namespace: string;
    name: string;
    clusterIp: string;
    ports: { name: string; port: number; protocol: string }[];
  }[] = [];
  servicesFailure: PodbusError | undefined;
  readonly implementation: Implementation<typeof NodeApi> = {
    registerNode: ({ nodeJson }) => {
      const node: Node = JSON.parse(Buffer.from(nodeJson).toString());
      this.nodes.push(node);
      const metadata = { ...node.metadata, resourceVersion: String(this.nodes.length + this.nodeChanges) };
      return { nodeJson: Buffer.from(JSON.stringify({ ...node, metadata })) };
    },
    renewLease: () => {
      this.leases += 1;
      return { nodeRevision: BigInt(this.nodes.length + this.nodeChanges) };
    },
    watchPods: (_, { signal }) => this.#watch(signal),
    updatePodStatus: ({ pod, statusJson }) => {
      if (this.statusFailure) throw this.statusFailure;
      const uid = pod?.uid ?? "";
      const stored = this.pods.get(uid);
      if (!stored) throw new PodbusError({ code: "NOT_FOUND", message: "no such pod" });
      const status: PodStatus = JSON.parse(Buffer.from(statusJson).toString());
      this.statuses.push({ uid, status });
      this.put({ ...stored, status });
      return { revision: BigInt(this.statuses.length) };
    },
    finishPodDeletion: ({ pod }) => {
      this.finished.push(pod?.uid ?? "");
      this.remove(pod?.uid ?? "");
      return {};
    },
    listPodServices: () => {
      if (this.servicesFailure) throw this.servicesFailure;
      return { services: this.services };
    },
    createMirrorPod: ({ podJson }) => {
      const pod: Pod = JSON.parse(Buffer.from(podJson).toString());
      this.mirrorsMade += 1;
      this.put({
        ...pod,
        metadata: { ...pod.metadata, uid: `mirror-${this.mirrorsMade}` },
        status: { phase: "Pending" },
      });
      return {};
    },
    deleteMirrorPod: ({ pod }) => {
      this.remove(pod?.uid ?? "");
      return {};
    },
    getPodDependency: ({ resource, name }) => {
      const object = this.dependencies.get(`${resource}/${name}`);
      if (!object) throw new PodbusError({ code: "NOT_FOUND", message: `${resource} "${name}" not found` });
      return { objectJson: Buffer.from(JSON.stringify(object)) };
    },
    createPodToken: ({ audience, expirationSeconds }) => ({
      token: `token ${this.tokensMade++} for ${audience}`,
      expiresAtMs: BigInt(this.#clock.now()) + expirationSeconds * 1000n,
    }),
    recordEvents: ({ events }) => {
      this.events.push(...events);
      return {};
    },
  };
}

const value = (pod: Pod): FeedEvent => ({
  event: { case: "pod", value: { podJson: Buffer.from(JSON.stringify(pod)) } },
});

type FindImage = (image: string) => Promise<{ readonly imageRef: string; readonly repoDigest: string }>;

/** The other services of the node. */
export class FakeNode {
  /** Refusals by image; anything else is there. */
  readonly refusals = new Map<string, PodbusError>();
  readonly pulls: string[] = [];
  /** The pulls of these images wait until the test lets them go. */
  readonly heldPulls = new Map<string, Promise<void>>();
  readonly hooks: RunHookRequest[] = [];
  hook: (request: RunHookRequest, signal: AbortSignal) => Promise<{ succeeded: boolean; message?: string }> =
    async () => ({
      succeeded: true,
    });
  readonly probes: { readonly request: RunProbesRequest; readonly channel: Channel<ProbeResponse> }[] = [];
  readonly #find: FindImage;

  constructor(find: FindImage) {
    this.#find = find;
  }

  async serve(bus: Bus, node: string): Promise<void> {
    const fake = this;
    await bus.serve(
      ImagePuller,
      { node },
      {
        async *ensureImage({ image }) {
          fake.pulls.push(image);
          await fake.heldPulls.get(image);
          const refusal = fake.refusals.get(image);
          if (refusal) throw refusal;
          const found = await fake.#find(image);
          yield { update: { case: "image", value: { ...found, alreadyPresent: true } } };
        },
        listImages: () => ({ images: [] }),
      },
    );
    await bus.serve(
      HookRunner,
      { node },
      {
        runHook: (request, { signal }) => {
          this.hooks.push(request);
          return this.hook(request, signal);
        },
      },
    );
    await bus.serve(
      ProbeRunner,
      { node },
      {
        runProbes: (request, { signal }) => {
          const channel = new Channel<ProbeResponse>();
          this.probes.push({ request, channel });
          return channel.read(signal);
        },
      },
    );
  }
}

/** A machine that a test lets go down. */
export class FakeMachine implements MachineShutdown {
  readonly #signals = new Channel<boolean>();
  /** How often it was told that it may go down. */
  released = 0;

  goesDown(goingDown: boolean): void {
    this.#signals.push(goingDown);
  }

  watch(signal: AbortSignal): AsyncIterable<boolean> {
    return this.#signals.read(signal);
  }

  release(): void {
    this.released++;
  }
}

export interface Stage extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly cri: FakeCri;
  readonly hub: MemoryBus;
  readonly cluster: FakeCluster;
  readonly node: FakeNode;
  readonly machine: FakeMachine;
  readonly client: ReturnType<typeof lifecycleClient>;
  readonly spans: ReturnType<typeof memoryTracer>;
  readonly stateDir: string;
  readonly runDir: string;
  /** The directory of static pods; a test makes it. */
  readonly manifests: string;
  /** Starts the service under test, or another one after `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Waits, in real time and without moving the clock, until it is so. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** As `until`, and the clock goes on by `stepMs` between two looks. */
  pass(what: string, condition: () => boolean, stepMs?: number): Promise<void>;
  /** Of pods. */
  events(reason?: string): string[];
  nodeEvents(): string[];
}

const nodeName = "node-1";
const lifecycleClient = (bus: Bus) => bus.client(PodLifecycle, { node: nodeName });

/** pod-lifecycle between a fake runtime and fake neighbours, on a bus in memory. */
export async function setStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "pod-lifecycle-"));
  // A tmpfs, as secrets need it.
  const runDir = await mkdtemp("/dev/shm/pod-lifecycle-");
  const clock = new FakeClock();
  const cri = new FakeCri({ clock });
  const hub = createMemoryBus({ clock });
  const spans = memoryTracer();
  const cluster = new FakeCluster(clock);
  const node = new FakeNode(async (image) => {
    const { id, repoDigests } = cri.addImage(image);
    return { imageRef: id, repoDigest: repoDigests[0] ?? "" };
  });
  const others = hub.bus("others", { tracer: spans.tracer("others") });
  await others.serve(NodeApi, { node: "*" }, cluster.implementation);
  await node.serve(others, nodeName);
  const machine = new FakeMachine();
  const stage = {
    cgroups: {
      unified: false,
      enforce: async () => {},
      weigh: async () => {},
      ensure: async () => "/kubepods/besteffort/pod",
      remove: async () => {},
    },
    running: [] as AsyncDisposable[],
  };
  const until = async (what: string, condition: () => boolean) => {
    for (let tries = 0; !condition(); tries++) {
      if (tries > 3_000) throw new Error(`it never came: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const told = (kind: string, reason?: string) =>
    cluster.events
      .filter((e) => e.kind === kind && (reason === undefined || e.reason === reason))
      .map((e) => `${e.type} ${e.reason} ${e.message}`);
  const stop = async () => {
    for (const each of stage.running.splice(0)) await each[Symbol.asyncDispose]();
  };
  return {
    clock,
    cri,
    hub,
    cluster,
    node,
    machine,
    spans,
    stateDir: join(directory, "state"),
    runDir,
    manifests: join(directory, "manifests"),
    client: lifecycleClient(others),
    until,
    stop,
    start: async () => {
      const bus = hub.bus("pod-lifecycle", { tracer: spans.tracer("pod-lifecycle") });
      const log = createLogger({ service: "pod-lifecycle", level: process.env.TEST_LOG_LEVEL ?? "silent" });
      const runtime = { bus, clock, log, tracer: spans.tracer("pod-lifecycle") };
      const config = {
        nodeName,
        criEndpoint: "unix:///nowhere",
        criTimeoutMs: undefined,
        stateDir: join(directory, "state"),
        runDir,
        nodeIp: "192.0.2.1",
        apiAddress: undefined,
        staticPodPath: join(directory, "manifests"),
        maxPods: 110,
        cgroupRoot: "/kubepods",
        podPidsLimit: undefined,
        nodeLabels: { disk: "ssd" },
        reserved: { kube: {}, system: {} },
        evictionHard: {},
        allowedSysctls: [],
        dns: { cluster: { servers: [], domain: "cluster.local" }, resolvConf: "/etc/resolv.conf" },
        logs: { limits: { maxBytes: 10_000_000, maxFiles: 5 }, everyMs: 10_000 },
        shutdownPeriods: shutdownPeriods(30, 10),
      };
      const service = await startPodLifecycle(runtime, config, {
        cri,
        cgroups: stage.cgroups,
        machineShutdown: machine,
      });
      stage.running.push({
        [Symbol.asyncDispose]: async () => {
          // Closing sends the last events, for which the fake clock must go on.
          let closed = false;
          const close = async () => {
            await service[Symbol.asyncDispose]();
            closed = true;
          };
          const closing = close();
          while (!closed) {
            await clock.step(100);
            await new Promise((resolve) => setTimeout(resolve, 1));
          }
          await closing;
          hub.kill(bus);
        },
      });
    },
    pass: async (what, condition, stepMs = 100) => {
      for (let tries = 0; !condition(); tries++) {
        if (tries > 3_000) throw new Error(`it never came: ${what}`);
        await clock.step(stepMs);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    events: (reason) => told("Pod", reason),
    nodeEvents: () => told("Node"),
    [Symbol.asyncDispose]: async () => {
      await stop();
      await cri[Symbol.asyncDispose]();
      await Promise.all([directory, runDir].map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}
