import { clone, create, type DescMessage, type DescService, type MessageShape } from "@bufbuild/protobuf";
import type { Clock } from "@podbus/clock";
import {
  AttachResponseSchema,
  CgroupDriver,
  type ContainerStats,
  ContainerStatsResponseSchema,
  ContainerStatsSchema,
  ContainerStatusResponseSchema,
  ContainerStatusSchema,
  ExecResponseSchema,
  ExecSyncResponseSchema,
  type Image,
  ImageService,
  ListContainerStatsResponseSchema,
  ListPodSandboxStatsResponseSchema,
  PodSandboxStatsResponseSchema,
  PortForwardResponseSchema,
  RemoveContainerResponseSchema,
  RemovePodSandboxResponseSchema,
  ReopenContainerLogResponseSchema,
  RuntimeConfigResponseSchema,
  RuntimeService,
  StartContainerResponseSchema,
  StatusResponseSchema,
  StopContainerResponseSchema,
  StopPodSandboxResponseSchema,
  UpdateContainerResourcesResponseSchema,
  UpdateRuntimeConfigResponseSchema,
  VersionResponseSchema,
} from "@podbus/contracts/cri";
import type { Cri, CriCallOptions, RuntimeClient, UnaryMethods } from "@podbus/cri";
import type { PodbusErrorInit } from "@podbus/errors";
import { CallScript, type Disturbance, type RecordedCall } from "./call-script.ts";
import { EventFeed } from "./event-feed.ts";
import { type FakeImageOptions, FakeImages } from "./fake-images.ts";
import { type FakeContainer, FakePods, type FakeSandbox } from "./fake-pods.ts";

export interface ExecResult {
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode?: number;
}

export type ExecHandler = (containerId: string, command: readonly string[]) => ExecResult | Promise<ExecResult>;

type MethodName = Exclude<keyof RuntimeClient | keyof UnaryMethods<typeof ImageService>, "getContainerEvents">;

/** What each method does, undisturbed. */
type Effects<S extends DescService> = {
  readonly [K in keyof UnaryMethods<S>]: S["method"][K] extends {
    input: infer I extends DescMessage;
    output: infer O extends DescMessage;
  }
    ? (request: MessageShape<I>) => MessageShape<O> | Promise<MessageShape<O>>
    : never;
};

/**
 * A container runtime in memory, with containerd's rules: names are reserved, repeated stops and removals succeed,
 * exits are events. Time comes from the clock; nothing happens by itself.
 */
export class FakeCri implements Cri {
  readonly runtime: RuntimeClient;
  readonly image: UnaryMethods<typeof ImageService>;
  /** Answers execSync. Default: exit code 0 and no output. */
  onExec: ExecHandler = () => ({});
  /** The exit code of a container that is stopped. Default: 143, as a process that does not handle TERM. */
  stopExitCode = 143;
  /** What exec, attach and portForward answer with. */
  streamingUrl = "http://127.0.0.1:0/fake";
  readonly #script: CallScript;
  readonly #events = new EventFeed();
  readonly #images: FakeImages;
  readonly #pods: FakePods;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#script = new CallScript(clock);
    this.#images = new FakeImages(clock);
    this.#pods = new FakePods(clock, this.#images, this.#events);
    this.runtime = {
      ...this.#methods(RuntimeService, this.#runtimeEffects()),
      getContainerEvents: (signal) => {
        const events = this.#events.read(signal);
        if (this.#script.isDown) this.#events.break();
        return events;
      },
    };
    this.image = this.#methods(ImageService, this.#imageEffects());
  }

  // ---- what tests do to it ----

  /** Every call so far, in order, failed ones too. */
  get calls(): readonly RecordedCall[] {
    return this.#script.calls;
  }

  /** The requests of one method, in order. */
  callsOf(method: MethodName): readonly unknown[] {
    return this.#script.calls.filter((call) => call.method === method).map(({ request }) => request);
  }

  get sandboxes(): readonly FakeSandbox[] {
    return [...this.#pods.sandboxes.values()];
  }

  get containers(): readonly FakeContainer[] {
    return [...this.#pods.containers.values()];
  }

  /** Open event streams. */
  get eventReaders(): number {
    return this.#events.readers;
  }

  /** The next call (or `times` calls) fails and does nothing. */
  fail(method: MethodName, error: PodbusErrorInit, disturbance: Disturbance = {}): void {
    this.#script.failBefore(method, error, disturbance);
  }

  /** The next call does its work, and its answer is lost. */
  failAfter(method: MethodName, error: PodbusErrorInit, disturbance: Disturbance = {}): void {
    this.#script.failAfter(method, error, disturbance);
  }

  /** The next call takes `ms` of the clock before it does its work. */
  delay(method: MethodName, ms: number, disturbance: Disturbance = {}): void {
    this.#script.delay(method, ms, disturbance);
  }

  /** Runs `work` when the next call arrives, and the call goes on after it. */
  before(method: MethodName, work: () => void | Promise<void>, disturbance: Disturbance = {}): void {
    this.#script.add(method, disturbance, async (effect) => {
      await work();
      return effect();
    });
  }

  /** An image that is on the node. */
  addImage(name: string, options?: FakeImageOptions): Image {
    return this.#images.addLocal(name, options);
  }

  /** An image that can be pulled. */
  addRemoteImage(name: string, options?: FakeImageOptions): Image {
    return this.#images.addRemote(name, options);
  }

  removeRemoteImage(name: string): void {
    this.#images.removeRemote(name);
  }

  /** The container's process ends by itself. */
  exitContainer(id: string, exitCode: number, reason?: string, message?: string): void {
    this.#pods.exit(id, exitCode, reason, message);
  }

  /** The pause process dies by itself, and its containers with it. */
  killSandbox(id: string): void {
    this.#pods.stopSandbox(id);
  }

  breakEventStreams(): void {
    this.#events.break();
  }

  /** The runtime goes away: calls fail UNAVAILABLE, streams break. Pods keep running. */
  down(): void {
    this.#script.setDown(true);
    this.#events.break();
  }

  up(): void {
    this.#script.setDown(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events.break();
  }

  // ---- what it does by itself ----

  #methods<S extends DescService>(service: S, effects: Effects<S>): UnaryMethods<S> {
    const run = effects as Record<string, (request: object) => object | Promise<object>>;
    const calls: Record<string, (init: object, options?: CriCallOptions) => Promise<object>> = {};
    for (const { localName, methodKind, input } of service.methods) {
      const effect = run[localName];
      if (methodKind !== "unary" || !effect) continue;
      calls[localName] = (init, options = {}) => {
        const request = create(input, init as Record<string, unknown>);
        return this.#script.run(localName, request, options, () => effect(request));
      };
    }
    // Effects<S> has every unary method of S, so this has too.
    return calls as unknown as UnaryMethods<S>;
  }

  #runtimeEffects(): Effects<typeof RuntimeService> {
    const pods = this.#pods;
    return {
      version: () =>
        create(VersionResponseSchema, {
          version: "0.1.0",
          runtimeName: "containerd",
          runtimeVersion: "1.7.24",
          runtimeApiVersion: "v1",
        }),
      status: () =>
        create(StatusResponseSchema, {
          status: { conditions: ["RuntimeReady", "NetworkReady"].map((type) => ({ type, status: true })) },
          runtimeHandlers: [
            { name: "", features: { recursiveReadOnlyMounts: true, userNamespaces: true } },
            { name: "runc", features: { recursiveReadOnlyMounts: true, userNamespaces: true } },
          ],
        }),
      runtimeConfig: () => create(RuntimeConfigResponseSchema, { linux: { cgroupDriver: CgroupDriver.CGROUPFS } }),
      updateRuntimeConfig: () => create(UpdateRuntimeConfigResponseSchema),
      runPodSandbox: ({ config, runtimeHandler }) => pods.runSandbox(required(config, "config"), runtimeHandler),
      stopPodSandbox: ({ podSandboxId }) => {
        pods.stopSandbox(podSandboxId);
        return create(StopPodSandboxResponseSchema);
      },
      removePodSandbox: ({ podSandboxId }) => {
        pods.removeSandbox(podSandboxId);
        return create(RemovePodSandboxResponseSchema);
      },
      podSandboxStatus: ({ podSandboxId }) => pods.sandboxStatus(podSandboxId),
      listPodSandbox: ({ filter }) => pods.listSandboxes(filter),
      createContainer: ({ podSandboxId, config }) => pods.createContainer(podSandboxId, required(config, "config")),
      startContainer: ({ containerId }) => {
        pods.startContainer(containerId);
        return create(StartContainerResponseSchema);
      },
      stopContainer: ({ containerId }) => {
        pods.exit(containerId, this.stopExitCode);
        return create(StopContainerResponseSchema);
      },
      removeContainer: ({ containerId }) => {
        pods.removeContainer(containerId);
        return create(RemoveContainerResponseSchema);
      },
      listContainers: ({ filter }) => pods.listContainers(filter),
      containerStatus: ({ containerId }) =>
        create(ContainerStatusResponseSchema, {
          status: clone(ContainerStatusSchema, pods.container(containerId).status),
        }),
      updateContainerResources: (request) => {
        pods.updateResources(request);
        return create(UpdateContainerResourcesResponseSchema);
      },
      reopenContainerLog: ({ containerId }) => {
        pods.runningContainer(containerId);
        return create(ReopenContainerLogResponseSchema);
      },
      execSync: async ({ containerId, cmd }) => {
        pods.runningContainer(containerId);
        const { stdout = "", stderr = "", exitCode = 0 } = await this.onExec(containerId, cmd);
        return create(ExecSyncResponseSchema, { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode });
      },
      exec: ({ containerId }) => {
        pods.runningContainer(containerId);
        return create(ExecResponseSchema, { url: this.streamingUrl });
      },
      attach: ({ containerId }) => {
        pods.runningContainer(containerId);
        return create(AttachResponseSchema, { url: this.streamingUrl });
      },
      portForward: ({ podSandboxId }) => {
        pods.sandboxStatus(podSandboxId);
        return create(PortForwardResponseSchema, { url: this.streamingUrl });
      },
      containerStats: ({ containerId }) =>
        create(ContainerStatsResponseSchema, { stats: statsOf(pods.container(containerId)) }),
      listContainerStats: ({ filter }) =>
        create(ListContainerStatsResponseSchema, {
          stats: this.containers
            .filter(
              (each) => each.sandboxId.startsWith(filter?.podSandboxId ?? "") && each.id.startsWith(filter?.id ?? ""),
            )
            .map(statsOf),
        }),
      podSandboxStats: ({ podSandboxId }) =>
        create(PodSandboxStatsResponseSchema, { stats: { attributes: { id: podSandboxId } } }),
      listPodSandboxStats: () =>
        create(ListPodSandboxStatsResponseSchema, {
          stats: this.sandboxes.map(({ id, config }) => ({
            attributes: { id, ...(config.metadata ? { metadata: config.metadata } : {}), labels: config.labels },
          })),
        }),
    };
  }

  #imageEffects(): Effects<typeof ImageService> {
    const images = this.#images;
    return {
      listImages: ({ filter }) => images.list(filter?.image?.image ?? ""),
      imageStatus: ({ image }) => images.status(image?.image ?? ""),
      pullImage: ({ image, auth }) => images.pull(image?.image ?? "", auth),
      removeImage: ({ image }) => images.remove(image?.image ?? ""),
      imageFsInfo: () => images.fsInfo(),
    };
  }
}

function statsOf({ id, config }: FakeContainer): ContainerStats {
  return create(ContainerStatsSchema, {
    attributes: { id, ...(config.metadata ? { metadata: config.metadata } : {}), labels: config.labels },
    cpu: { usageCoreNanoSeconds: { value: 0n } },
    memory: { workingSetBytes: { value: 0n } },
  });
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new TypeError(`the request lacks ${field}`);
  return value;
}
