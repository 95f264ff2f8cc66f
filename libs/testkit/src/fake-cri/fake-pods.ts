import { clone, create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Clock } from "@podbus/clock";
import {
  type ContainerConfig,
  ContainerEventResponseSchema,
  ContainerEventType,
  type ContainerFilter,
  ContainerResourcesSchema,
  ContainerSchema,
  ContainerState,
  type ContainerStatus,
  ContainerStatusSchema,
  CreateContainerResponseSchema,
  ListContainersResponseSchema,
  ListPodSandboxResponseSchema,
  type PodSandboxConfig,
  type PodSandboxFilter,
  PodSandboxSchema,
  PodSandboxState,
  type PodSandboxStatus,
  PodSandboxStatusResponseSchema,
  PodSandboxStatusSchema,
  RunPodSandboxResponseSchema,
  type UpdateContainerResourcesRequest,
} from "@podbus/contracts/cri";
import { PodbusError } from "@podbus/errors";
import type { EventFeed } from "./event-feed.ts";
import type { FakeImages } from "./fake-images.ts";

export interface FakeSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly status: PodSandboxStatus;
}

export interface FakeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly status: ContainerStatus;
}

const { CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT, CONTAINER_STOPPED_EVENT, CONTAINER_DELETED_EVENT } =
  ContainerEventType;

/** Sandboxes and containers, with containerd's rules for names, states and repeated calls. */
export class FakePods {
  readonly sandboxes = new Map<string, FakeSandbox>();
  readonly containers = new Map<string, FakeContainer>();
  readonly #clock: Clock;
  readonly #images: FakeImages;
  readonly #events: EventFeed;
  #serial = 0;

  constructor(clock: Clock, images: FakeImages, events: EventFeed) {
    this.#clock = clock;
    this.#images = images;
    this.#events = events;
  }

  runSandbox(config: PodSandboxConfig, runtimeHandler: string) {
    const name = sandboxName(config);
    const holder = [...this.sandboxes.values()].find((each) => sandboxName(each.config) === name);
    if (holder) throw reserved("sandbox", name, holder.id);
    const id = this.#newId();
    const hostNetwork = config.linux?.securityContext?.namespaceOptions?.network === 2;
    const status = create(PodSandboxStatusSchema, {
      id,
      ...(config.metadata ? { metadata: config.metadata } : {}),
      state: PodSandboxState.SANDBOX_READY,
      createdAt: this.#nowNs(),
      network: { ip: hostNetwork ? "" : `10.88.${(this.#serial >> 8) & 255}.${this.#serial & 255}` },
      linux: { namespaces: { options: config.linux?.securityContext?.namespaceOptions ?? {} } },
      labels: config.labels,
      annotations: config.annotations,
      runtimeHandler,
    });
    this.sandboxes.set(id, { id, config, status });
    this.#publish(id, id, CONTAINER_CREATED_EVENT);
    this.#publish(id, id, CONTAINER_STARTED_EVENT);
    return create(RunPodSandboxResponseSchema, { podSandboxId: id });
  }

  /** Also what a test calls when a pause process dies by itself. */
  stopSandbox(id: string): void {
    const sandbox = this.sandboxes.get(id);
    if (!sandbox) return;
    for (const each of this.#containersOf(id)) this.exit(each.id, 137);
    if (sandbox.status.state === PodSandboxState.SANDBOX_NOTREADY) return;
    sandbox.status.state = PodSandboxState.SANDBOX_NOTREADY;
    this.#publish(id, id, CONTAINER_STOPPED_EVENT);
  }

  removeSandbox(id: string): void {
    if (!this.sandboxes.has(id)) return;
    this.stopSandbox(id);
    for (const each of this.#containersOf(id)) this.removeContainer(each.id);
    this.#publish(id, id, CONTAINER_DELETED_EVENT);
    this.sandboxes.delete(id);
  }

  sandboxStatus(id: string) {
    return create(PodSandboxStatusResponseSchema, {
      status: clone(PodSandboxStatusSchema, this.#sandbox(id).status),
      containersStatuses: this.#containersOf(id).map(({ status }) => clone(ContainerStatusSchema, status)),
      timestamp: this.#nowNs(),
    });
  }

  listSandboxes(filter: PodSandboxFilter | undefined) {
    const matches = ({ status }: FakeSandbox) =>
      status.id.startsWith(filter?.id ?? "") &&
      (filter?.state === undefined || filter.state.state === status.state) &&
      includesAll(status.labels, filter?.labelSelector);
    const items = [...this.sandboxes.values()].filter(matches).map(({ status }) =>
      create(PodSandboxSchema, {
        id: status.id,
        ...(status.metadata ? { metadata: status.metadata } : {}),
        state: status.state,
        createdAt: status.createdAt,
        labels: status.labels,
        annotations: status.annotations,
        runtimeHandler: status.runtimeHandler,
      }),
    );
    return create(ListPodSandboxResponseSchema, { items });
  }

  createContainer(sandboxId: string, config: ContainerConfig) {
    const sandbox = this.#sandbox(sandboxId);
    const image = this.#images.find(config.image?.image ?? "");
    if (!image) {
      throw notFound(`failed to resolve image "${config.image?.image ?? ""}": not found`);
    }
    const name = containerName(config, sandbox.config);
    const holder = this.#containersOf(sandboxId).find((each) => containerName(each.config, sandbox.config) === name);
    if (holder) throw reserved("container", name, holder.id);
    const id = this.#newId();
    const status = create(ContainerStatusSchema, {
      id,
      ...(config.metadata ? { metadata: config.metadata } : {}),
      state: ContainerState.CONTAINER_CREATED,
      createdAt: this.#nowNs(),
      ...(config.image ? { image: config.image } : {}),
      imageRef: image.repoDigests[0] ?? image.id,
      imageId: image.id,
      labels: config.labels,
      annotations: config.annotations,
      mounts: config.mounts,
      logPath: config.logPath === "" ? "" : `${sandbox.config.logDirectory}/${config.logPath}`,
      ...(config.linux?.resources ? { resources: { linux: config.linux.resources } } : {}),
    });
    this.containers.set(id, { id, sandboxId, config, status });
    this.#publish(id, sandboxId, CONTAINER_CREATED_EVENT);
    return create(CreateContainerResponseSchema, { containerId: id });
  }

  startContainer(id: string): void {
    const { status, sandboxId } = this.#container(id);
    if (this.#sandbox(sandboxId).status.state !== PodSandboxState.SANDBOX_READY) {
      throw new PodbusError({ code: "UNKNOWN", message: `sandbox container "${sandboxId}" is not running` });
    }
    if (status.state !== ContainerState.CONTAINER_CREATED) {
      const state = status.state === ContainerState.CONTAINER_RUNNING ? "CONTAINER_RUNNING" : "CONTAINER_EXITED";
      throw new PodbusError({ code: "UNKNOWN", message: `container "${id}" is in ${state} state` });
    }
    status.state = ContainerState.CONTAINER_RUNNING;
    status.startedAt = this.#nowNs();
    this.#publish(id, sandboxId, CONTAINER_STARTED_EVENT);
  }

  /** The process ends; nothing if it does not run. */
  exit(id: string, exitCode: number, reason = exitCode === 0 ? "Completed" : "Error", message = ""): void {
    const container = this.containers.get(id);
    if (container?.status.state !== ContainerState.CONTAINER_RUNNING) return;
    Object.assign(container.status, {
      state: ContainerState.CONTAINER_EXITED,
      finishedAt: this.#nowNs(),
      exitCode,
      reason,
      message,
    });
    this.#publish(id, container.sandboxId, CONTAINER_STOPPED_EVENT);
  }

  removeContainer(id: string): void {
    const container = this.containers.get(id);
    if (!container) return;
    this.exit(id, 137);
    this.containers.delete(id);
    this.#publish(id, container.sandboxId, CONTAINER_DELETED_EVENT);
  }

  listContainers(filter: ContainerFilter | undefined) {
    const matches = ({ status, sandboxId }: FakeContainer) =>
      status.id.startsWith(filter?.id ?? "") &&
      sandboxId.startsWith(filter?.podSandboxId ?? "") &&
      (filter?.state === undefined || filter.state.state === status.state) &&
      includesAll(status.labels, filter?.labelSelector);
    const containers = [...this.containers.values()].filter(matches).map(({ status, sandboxId }) =>
      create(ContainerSchema, {
        id: status.id,
        podSandboxId: sandboxId,
        ...(status.metadata ? { metadata: status.metadata } : {}),
        ...(status.image ? { image: status.image } : {}),
        imageRef: status.imageRef,
        imageId: status.imageId,
        state: status.state,
        createdAt: status.createdAt,
        labels: status.labels,
        annotations: status.annotations,
      }),
    );
    return create(ListContainersResponseSchema, { containers });
  }

  container(id: string): FakeContainer {
    return this.#container(id);
  }

  runningContainer(id: string): FakeContainer {
    const container = this.#container(id);
    if (container.status.state === ContainerState.CONTAINER_RUNNING) return container;
    throw new PodbusError({ code: "UNKNOWN", message: `container "${id}" is not running` });
  }

  updateResources({ containerId, linux }: UpdateContainerResourcesRequest): void {
    const { status } = this.#container(containerId);
    if (linux) status.resources = create(ContainerResourcesSchema, { linux });
  }

  #container(id: string): FakeContainer {
    const container = this.containers.get(id);
    if (!container) throw notFound(`an error occurred when try to find container "${id}": not found`);
    return container;
  }

  #sandbox(id: string): FakeSandbox {
    const sandbox = this.sandboxes.get(id);
    if (!sandbox) throw notFound(`an error occurred when try to find sandbox "${id}": not found`);
    return sandbox;
  }

  #containersOf(sandboxId: string): FakeContainer[] {
    return [...this.containers.values()].filter((each) => each.sandboxId === sandboxId);
  }

  #publish(containerId: string, sandboxId: string, containerEventType: ContainerEventType): void {
    const event: MessageInitShape<typeof ContainerEventResponseSchema> = {
      containerId,
      containerEventType,
      createdAt: this.#nowNs(),
      containersStatuses: this.#containersOf(sandboxId).map(({ status }) => clone(ContainerStatusSchema, status)),
    };
    const sandbox = this.sandboxes.get(sandboxId);
    if (sandbox) event.podSandboxStatus = clone(PodSandboxStatusSchema, sandbox.status);
    this.#events.publish(create(ContainerEventResponseSchema, event));
  }

  #newId(): string {
    this.#serial += 1;
    return this.#serial.toString(16).padStart(64, "0").split("").reverse().join("");
  }

  #nowNs(): bigint {
    return BigInt(this.#clock.now()) * 1_000_000n;
  }
}

function sandboxName({ metadata }: PodSandboxConfig): string {
  return `${metadata?.name}_${metadata?.namespace}_${metadata?.uid}_${metadata?.attempt}`;
}

function containerName({ metadata }: ContainerConfig, sandbox: PodSandboxConfig): string {
  const { name, namespace, uid } = sandbox.metadata ?? {};
  return `${metadata?.name}_${name}_${namespace}_${uid}_${metadata?.attempt}`;
}

/** containerd's words and code for a name that is taken (internal/registrar, 1.7). */
function reserved(what: string, name: string, by: string): PodbusError {
  const message = `failed to reserve ${what} name "${name}": name "${name}" is reserved for "${by}"`;
  return new PodbusError({ code: "UNKNOWN", message });
}

function notFound(message: string): PodbusError {
  return new PodbusError({ code: "NOT_FOUND", message });
}

function includesAll(labels: Record<string, string>, selector: Record<string, string> | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}
