import type { Node, Pod } from "@podbus/kube";
import { podsWithFiles } from "../adapters/leftover-files.ts";
import { type AdmittingNode, admissionOrder, hasBegun, needsRoom } from "../domain/node-admission.ts";
import type { PodRejection } from "../domain/pod-inputs.ts";
import type { PodIdentity } from "../domain/pod-ref.ts";
import { admitOrPreempt, type NodeAdmission } from "../domain/preemption.ts";
import type { NodeServices } from "../ports.ts";
import { PodWorker } from "../worker/pod-worker.ts";
import { ClassWeights } from "./class-weights.ts";
import type { PodSink } from "./pod-feed.ts";

export interface PodWorkersOptions {
  /** The machine takes no new pods. */
  readonly isGoingDown: () => boolean;
  /** By which uid this node knows a pod that the API knows by that one: they differ for static pods. */
  readonly uidHere: (uid: string) => string;
  /** Nothing is left of a pod. */
  readonly onRemoved: (uid: string) => void;
}

const preempted = { reason: "Preempting", message: "Preempted in order to admit critical pod" } as const;

/** One worker per pod that is bound here or has something left here. */
export class PodWorkers implements PodSink, Disposable {
  readonly #services: NodeServices;
  readonly #workers = new Map<string, PodWorker>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #isGoingDown: () => boolean;
  readonly #uidHere: (uid: string) => string;
  readonly #onRemoved: (uid: string) => void;
  readonly #weights: ClassWeights;
  /** Critical pods that wait until others have made room, by uid. */
  readonly #waiting = new Map<string, Pod>();
  #synced = false;
  #disposed = false;
  #node: AdmittingNode;

  constructor(services: NodeServices, { isGoingDown, uidHere, onRemoved }: PodWorkersOptions) {
    this.#isGoingDown = isGoingDown;
    this.#uidHere = uidHere;
    this.#onRemoved = onRemoved;
    const { name, labels, allocatable } = services.node;
    this.#services = services;
    this.#weights = new ClassWeights(services.cgroups, () => this.#activePods());
    // Until the API tells more.
    this.#node = { name, labels, taints: [], allocatable, supplementalGroupsPolicy: false };
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  /** The worker of a pod that the API knows by that uid. */
  known(uid: string): PodWorker | undefined {
    return this.#workers.get(this.#uidHere(uid));
  }

  /** Those whose pods have not ended. */
  get active(): readonly PodWorker[] {
    return [...this.#workers.values()].filter((worker) => worker.needsRoom);
  }

  podChanged(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    const known = this.#workers.get(uid);
    if (!known) {
      this.#begin(pod);
      return;
    }
    if (known.pod.status?.phase !== pod.status?.phase) this.#weights.changed();
    known.setPod(pod);
  }

  podGone(uid: string): void {
    this.#waiting.delete(uid);
    this.#workers.get(uid)?.setGone();
  }

  nodeChanged({ metadata, spec, status }: Node): void {
    const { name, labels, allocatable } = this.#services.node;
    this.#node = {
      name,
      labels: metadata.labels ?? labels,
      taints: spec?.taints ?? [],
      allocatable: { ...status?.allocatable, ...allocatable },
      supplementalGroupsPolicy: status?.features?.supplementalGroupsPolicy ?? false,
    };
  }

  listed(pods: readonly Pod[]): void {
    const uids = new Set(pods.map(({ metadata }) => metadata.uid ?? ""));
    for (const [uid, worker] of this.#workers) if (!uids.has(uid)) worker.setGone();
    for (const uid of this.#waiting.keys()) if (!uids.has(uid)) this.#waiting.delete(uid);
    const { runtime } = this.#services;
    const isHere = (pod: Pod) => hasBegun(pod, runtime.observed(pod.metadata.uid ?? ""));
    for (const pod of admissionOrder(pods, isHere)) this.podChanged(pod);
    for (const ref of runtime.pods()) if (!this.#workers.has(ref.uid)) this.#addOrphan(ref);
    if (!this.#synced) void this.#removeLeftovers();
    this.#synced = true;
  }

  /** News from the runtime about a pod. */
  runtimeChanged(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker) worker.changed();
    else if (this.#synced) this.#adoptOrphan(uid);
    for (const listener of this.#listeners.get(uid) ?? []) listener();
  }

  /** Calls `listener` whenever the runtime has news about the pod; the answer ends that. */
  listen(uid: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(uid) ?? new Set();
    this.#listeners.set(uid, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(uid);
    };
  }

  #activePods(): readonly Pod[] {
    return [...this.active.map((worker) => worker.pod), ...this.#waiting.values()];
  }

  /** Leaves all containers as they are. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const worker of this.#workers.values()) worker.stop();
  }

  /** Once per life of this process: files of pods that vanished while nobody looked. */
  async #removeLeftovers(): Promise<void> {
    for (const ref of await podsWithFiles(this.#services.node.directories)) {
      if (!this.#workers.has(ref.uid)) this.#addOrphan(ref);
    }
  }

  #adoptOrphan(uid: string): void {
    const ref = this.#services.runtime.pods().find((each) => each.uid === uid);
    if (ref) this.#addOrphan(ref);
  }

  /** A pod that the API does not know: what is left of it is killed and removed. */
  #addOrphan(ref: PodIdentity): void {
    this.#services.log.info({ pod: ref }, "removing what is left of a pod that is gone");
    this.#add({ apiVersion: "v1", kind: "Pod", metadata: { ...ref }, spec: { containers: [] } }, undefined).setGone();
  }

  /** A pod that is new to this process. */
  #begin(pod: Pod): void {
    const uid = pod.metadata.uid ?? "";
    if (this.#waiting.has(uid)) {
      this.#waiting.set(uid, pod);
      return;
    }
    const { rejection, preempt } = this.#admit(pod);
    if (rejection) this.#services.events.record(pod, { type: "Warning", ...rejection });
    if (preempt.length > 0) void this.#beginAfter(pod, preempt);
    else this.#add(pod, rejection);
  }

  /** kubelet: evictPodsToFreeRequests (pkg/kubelet/preemption). */
  async #beginAfter(pod: Pod, preempt: readonly Pod[]): Promise<void> {
    const uid = pod.metadata.uid ?? "";
    this.#waiting.set(uid, pod);
    const ends = preempt.map(async (other) => {
      this.#services.events.record(other, { type: "Warning", ...preempted });
      const graceSeconds = Number.POSITIVE_INFINITY;
      await this.#workers.get(other.metadata.uid ?? "")?.terminate({ ...preempted, graceSeconds });
    });
    await Promise.all(ends);
    const newest = this.#waiting.get(uid);
    this.#waiting.delete(uid);
    if (newest && !this.#disposed) this.#add(newest, undefined);
  }

  /** Only a pod that is new to the node is refused: one that has begun stays, whatever happens to the node's size. */
  #admit(pod: Pod): NodeAdmission {
    const { node, runtime } = this.#services;
    const begun = hasBegun(pod, runtime.observed(pod.metadata.uid ?? ""));
    if (begun || pod.metadata.deletionTimestamp || !needsRoom(pod)) return { preempt: [] };
    const pods = this.#activePods();
    const { allowedSysctls, appArmor } = node;
    const shuttingDown = this.#isGoingDown();
    return admitOrPreempt(pod, { node: this.#node, pods, allowedSysctls, appArmor, shuttingDown });
  }

  #add(pod: Pod, rejection: PodRejection | undefined): PodWorker {
    const uid = pod.metadata.uid ?? "";
    const onDone = () => {
      this.#workers.delete(uid);
      this.#weights.changed();
      this.#services.runtime.forget(uid);
      this.#onRemoved(uid);
    };
    const worker = new PodWorker({ services: this.#services, pod, rejection, onDone });
    this.#workers.set(uid, worker);
    this.#weights.changed();
    worker.changed();
    return worker;
  }
}
