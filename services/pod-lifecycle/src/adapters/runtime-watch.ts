import { type Clock, pause } from "@podbus/clock";
import {
  type Container,
  type ContainerEventResponse,
  ContainerEventType,
  type ContainerStatus,
  type PodSandbox,
} from "@podbus/contracts/cri";
import type { Cri } from "@podbus/cri";
import { toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import type { ObservedContainer, ObservedPod, ObservedSandbox } from "../domain/observed-pod.ts";
import { nothingObserved } from "../domain/observed-pod.ts";
import { type Moment, PodRecords } from "../domain/pod-records.ts";
import type { PodIdentity } from "../domain/pod-ref.ts";
import { runtimeLabels } from "../domain/runtime-labels.ts";
import { listedSandbox, observedContainer, observedSandbox, podRefOf, stateOf } from "./observed-from-cri.ts";

export interface RuntimeWatchOptions {
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
  /** What an ended container left as its last words. */
  readonly readTerminationMessage: (status: ContainerStatus) => Promise<string>;
  /** Something about this pod changed. */
  readonly onChange: (uid: string) => void;
}

/** The safety net below the events. */
const relistMs = 30_000;
/** Until a new stream has shown its first event, earlier readers may still take some (see RuntimeClient.getContainerEvents). */
const unsureRelistMs = 1_000;
const reopenMs = { initial: 50, max: 2_000 };

/**
 * What the runtime holds of this node's pods: events as they come, a whole list at the start, after every break and
 * every 30 s, and what our own calls answered. Nobody else asks the runtime what is there.
 */
export class RuntimeWatch {
  readonly #options: RuntimeWatchOptions;
  readonly #pods = new Map<string, PodRecords>();
  readonly #refs = new Map<string, PodIdentity>();
  readonly #owners = new Map<string, string>();
  #sureOfEvents = false;
  #relistSoon: (() => void) | undefined;

  constructor(options: RuntimeWatchOptions) {
    this.#options = options;
  }

  /** The first whole list; retried until the runtime answers. Then follows the runtime until `signal`. */
  async start(signal: AbortSignal): Promise<void> {
    // Events first: what happens while the list is made must not fall between the two.
    void this.#followEvents(signal);
    await this.#retried(() => this.relist(), signal);
    void this.#relistNowAndThen(signal);
  }

  observed(uid: string): ObservedPod {
    return this.#pods.get(uid)?.observed ?? nothingObserved;
  }

  /** Every pod that has something in the runtime. */
  pods(): readonly PodIdentity[] {
    return [...this.#refs.values()].filter((ref) => this.#pods.get(ref.uid)?.isEmpty === false);
  }

  forget(uid: string): void {
    this.#pods.delete(uid);
    this.#refs.delete(uid);
  }

  // ---- what our own calls answered ----

  sawSandbox(ref: PodIdentity, sandbox: ObservedSandbox): void {
    this.#records(ref).seeSandbox(sandbox, this.#now());
    this.#owners.set(sandbox.id, ref.uid);
  }

  sawContainer(ref: PodIdentity, container: ObservedContainer): void {
    this.#records(ref).seeContainer(container, this.#moment());
    this.#owners.set(container.id, ref.uid);
  }

  sawRemoved(uid: string, id: string): void {
    this.#owners.delete(id);
    this.#pods.get(uid)?.remove(id, this.#now());
  }

  /** Reads one container anew. */
  async refreshContainer(ref: PodIdentity, id: string): Promise<void> {
    const { status } = await this.#options.cri.runtime.containerStatus({ containerId: id });
    const sandboxId = this.#records(ref).container(id)?.sandboxId ?? "";
    if (status) await this.#seeStatus(ref, status, sandboxId);
  }

  /** Lists one pod anew: after a call whose effect is not known. */
  async refreshPod(uid: string): Promise<void> {
    await this.#list({ [runtimeLabels.podUid]: uid }, (each) => each === uid);
  }

  async relist(): Promise<void> {
    await this.#list({}, () => true);
  }

  async #list(labels: Record<string, string>, concerns: (uid: string) => boolean): Promise<void> {
    const { cri, nodeName } = this.#options;
    const listedAtMs = this.#now();
    const filter = { labelSelector: { [runtimeLabels.node]: nodeName, ...labels } };
    const [{ items }, { containers }] = await Promise.all([
      cri.runtime.listPodSandbox({ filter }),
      cri.runtime.listContainers({ filter }),
    ]);
    const changed = new Set<string>();
    await Promise.all([
      ...items.map((item) => this.#seeListedSandbox(item, changed)),
      ...containers.map((container) => this.#seeListedContainer(container, changed)),
    ]);
    const listed = new Set([...items, ...containers].map(({ id }) => id));
    for (const [uid, records] of this.#pods) {
      if (concerns(uid) && records.removeUnlisted(listed, listedAtMs)) changed.add(uid);
    }
    for (const uid of changed) this.#options.onChange(uid);
  }

  async #seeListedSandbox(item: PodSandbox, changed: Set<string>): Promise<void> {
    const ref = podRefOf(item.labels, this.#options.nodeName);
    if (!ref) return;
    const listed = listedSandbox(item);
    const known = this.#records(ref).sandbox(item.id);
    if (known?.state === listed.state && (known.ips.length > 0 || known.state === "not-ready")) {
      this.sawSandbox(ref, known);
      return;
    }
    const { status } = await this.#options.cri.runtime.podSandboxStatus({ podSandboxId: item.id });
    if (this.#records(ref).seeSandbox(status ? observedSandbox(status) : listed, this.#now())) changed.add(ref.uid);
    this.#owners.set(item.id, ref.uid);
  }

  async #seeListedContainer(item: Container, changed: Set<string>): Promise<void> {
    const ref = podRefOf(item.labels, this.#options.nodeName);
    if (!ref) return;
    const known = this.#records(ref).container(item.id);
    if (known && known.state === stateOf(item.state)) {
      this.sawContainer(ref, known);
      return;
    }
    const { status } = await this.#options.cri.runtime.containerStatus({ containerId: item.id });
    if (status && (await this.#seeStatus(ref, status, item.podSandboxId))) changed.add(ref.uid);
  }

  async #seeStatus(ref: PodIdentity, status: ContainerStatus, sandboxId: string): Promise<boolean> {
    const records = this.#records(ref);
    const seen = observedContainer(status, sandboxId);
    this.#owners.set(status.id, ref.uid);
    if (seen.state !== "exited" || records.container(status.id)?.state === "exited") {
      return records.seeContainer(seen, this.#moment());
    }
    const terminationMessage = await this.#options.readTerminationMessage(status);
    return records.seeContainer({ ...seen, ...(terminationMessage ? { terminationMessage } : {}) }, this.#moment());
  }

  // ---- following ----

  async #followEvents(signal: AbortSignal): Promise<void> {
    const { cri, clock, log } = this.#options;
    let delayMs = reopenMs.initial;
    while (!signal.aborted) {
      try {
        this.#sureOfEvents = false;
        for await (const event of cri.runtime.getContainerEvents(signal)) {
          delayMs = reopenMs.initial;
          this.#sureOfEvents = true;
          await this.#seeEvent(event);
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: toPodbusError(error) }, "the runtime's events broke off");
      }
      await pause(clock, delayMs, signal);
      delayMs = Math.min(delayMs * 2, reopenMs.max);
      this.#relistSoon?.();
    }
  }

  async #seeEvent(event: ContainerEventResponse): Promise<void> {
    const ref = this.#refOf(event);
    if (!ref) return;
    let changed = false;
    const sandboxId = event.podSandboxStatus?.id ?? "";
    if (event.containerEventType === ContainerEventType.CONTAINER_DELETED_EVENT) {
      changed = this.#pods.get(ref.uid)?.remove(event.containerId, this.#now()) ?? false;
      this.#owners.delete(event.containerId);
    } else if (event.podSandboxStatus) {
      changed = this.#records(ref).seeSandbox(observedSandbox(event.podSandboxStatus), this.#now());
    }
    for (const status of event.containersStatuses) changed = (await this.#seeStatus(ref, status, sandboxId)) || changed;
    const stopped = event.containerEventType === ContainerEventType.CONTAINER_STOPPED_EVENT;
    // Where the runtime could not read the pod while it told of the end, we read it.
    if (stopped && this.#stillRuns(ref.uid, event.containerId)) await this.refreshPod(ref.uid);
    if (changed) this.#options.onChange(ref.uid);
  }

  #stillRuns(uid: string, id: string): boolean {
    const records = this.#pods.get(uid);
    return records?.container(id)?.state === "running" || records?.sandbox(id)?.state === "ready";
  }

  #refOf(event: ContainerEventResponse): PodIdentity | undefined {
    const labels = event.podSandboxStatus?.labels ?? event.containersStatuses[0]?.labels;
    if (labels) return podRefOf(labels, this.#options.nodeName);
    return this.#refs.get(this.#owners.get(event.containerId) ?? "");
  }

  async #relistNowAndThen(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#pauseBeforeRelist(signal);
      if (signal.aborted) return;
      await this.#retried(() => this.relist(), signal);
    }
  }

  async #pauseBeforeRelist(signal: AbortSignal): Promise<void> {
    const idle = this.#pods.size === 0;
    const waitMs = this.#sureOfEvents || idle ? relistMs : unsureRelistMs;
    const soon = new Promise<void>((resolve) => {
      this.#relistSoon = resolve;
    });
    const ended = new AbortController();
    const bound = AbortSignal.any([signal, ended.signal]);
    await Promise.race([pause(this.#options.clock, waitMs, bound), soon]);
    ended.abort();
  }

  async #retried(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let delayMs = reopenMs.initial; !signal.aborted; delayMs = Math.min(delayMs * 2, reopenMs.max)) {
      try {
        await work();
        return;
      } catch (error) {
        this.#options.log.warn({ err: toPodbusError(error) }, "cannot list the runtime's pods");
        await pause(this.#options.clock, delayMs, signal);
      }
    }
  }

  #records(ref: PodIdentity): PodRecords {
    const known = this.#pods.get(ref.uid);
    if (known) return known;
    const made = new PodRecords();
    this.#pods.set(ref.uid, made);
    this.#refs.set(ref.uid, ref);
    // A pod that came while we were unsure of the events must not wait for the slow list.
    if (!this.#sureOfEvents) this.#relistSoon?.();
    return made;
  }

  #moment(): Moment {
    return { wallMs: this.#options.clock.now(), steadyMs: this.#now() };
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}
