import { setImmediate } from "node:timers/promises";
import { context, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import type { Clock } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import { annotations, type Node, type Pod } from "@podbus/kube";
import type { StoredObject, WatchCache, WatchEvent } from "@podbus/store";
import { contextOf, type Logger } from "@podbus/telemetry";
import { ClusterState } from "./domain/placement/cluster-state.ts";
import { decidePlacement } from "./domain/placement/decide-placement.ts";
import { refusalOf } from "./domain/placement/filters/index.ts";
import { compilePodDemand } from "./domain/placement/pod-demand.ts";
import { type PodSituation, situationOf } from "./domain/pod-situation.ts";
import { type QueuedPod, SchedulingQueue } from "./domain/queue/scheduling-queue.ts";
import type { EventSink, PodWriter } from "./ports.ts";

export interface SchedulerDependencies {
  readonly cache: WatchCache;
  readonly writer: PodWriter;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly tracer: Tracer;
  readonly log: Logger;
}

const component = "default-scheduler";
/** Decisions in one turn of the event loop, so that the process stays responsive behind a long queue. */
const decisionsPerTurn = 100;
/** Binds that are being written at once. */
const mostBinding = 256;
const restartDelayMs = 1_000;

/**
 * Gives pods a node. Decisions are made one after the other on the cluster as it will be once all binds so far have
 * been written; the binds themselves run at the same time. Everything in memory comes from the cache.
 */
export class Scheduler {
  readonly #deps: SchedulerDependencies;
  #cluster = new ClusterState();
  #queue = new SchedulingQueue();
  /** Uids of pods that we placed and that the watch has not shown on their node yet. */
  readonly #assumed = new Set<string>();
  readonly #queueSpans = new Map<string, Span>();
  readonly #writes = new Set<Promise<void>>();
  #binding = 0;
  #from = 0;
  #deciding = false;
  #active = false;
  #cancelTimer: () => void = () => {};

  constructor(dependencies: SchedulerDependencies) {
    this.#deps = dependencies;
  }

  /** Schedules until the signal is aborted, then waits for the writes under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (thrown) {
        const error = toPodbusError(thrown);
        if (signal.aborted) break;
        // OUT_OF_RANGE: the watch lost its place, a list puts it right.
        if (error.code === "OUT_OF_RANGE") continue;
        log.error({ err: error }, "the scheduler lost its watch and starts it again");
        await clock.sleep(restartDelayMs, signal).catch(() => undefined);
      }
    }
    this.#active = false;
    this.#cancelTimer();
    await Promise.allSettled(this.#writes);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { cache } = this.#deps;
    // A write that has ended is in the cache, so nothing needs to be remembered over a rebuild.
    this.#active = false;
    await Promise.allSettled(this.#writes);
    const nodes = cache.list<Node>("nodes");
    const pods = cache.list<Pod>("pods");
    this.#rebuild(nodes.items, pods.items);
    this.#active = true;
    this.#pump();
    const failed = new AbortController();
    const both = AbortSignal.any([signal, failed.signal]);
    try {
      await Promise.all([
        this.#watch<Node>("nodes", nodes.revision, both, (event) => this.#onNode(event)),
        this.#watch<Pod>("pods", pods.revision, both, (event) => this.#onPod(event)),
      ]);
    } finally {
      failed.abort();
    }
  }

  async #watch<T extends Node | Pod>(
    resource: string,
    fromRevision: number,
    signal: AbortSignal,
    handle: (event: WatchEvent<T>) => void,
  ): Promise<void> {
    for await (const event of this.#deps.cache.watch<T>({ resource, fromRevision, signal })) {
      handle(event);
      this.#pump();
    }
  }

  #rebuild(nodes: readonly StoredObject<Node>[], pods: readonly StoredObject<Pod>[]): void {
    this.#cluster = new ClusterState();
    this.#queue = new SchedulingQueue();
    this.#assumed.clear();
    for (const { value } of nodes) this.#cluster.setNode(value);
    for (const { value } of pods) this.#observe(value, situationOf(value));
  }

  #onNode(event: WatchEvent<Node>): void {
    const { value: node } = event.object;
    const { name } = node.metadata;
    if (event.type === "MODIFIED") {
      if (this.#cluster.setNode(node)) this.#wakeFor(name);
      return;
    }
    if (event.type === "ADDED") this.#cluster.setNode(node);
    else this.#cluster.removeNode(name);
    // Another number of nodes: whoever waits is told anew why, also where nothing fits now either.
    this.#queue.reconsiderParked();
  }

  #onPod(event: WatchEvent<Pod>): void {
    const { value: pod } = event.object;
    this.#observe(pod, event.type === "DELETED" ? { kind: "over" } : situationOf(pod));
  }

  #observe(pod: Pod, situation: PodSituation): void {
    const uid = pod.metadata.uid ?? "";
    switch (situation.kind) {
      case "over":
        this.#forget(uid);
        this.#assumed.delete(uid);
        this.#release(uid);
        return;
      case "placed":
        this.#forget(uid);
        this.#assumed.delete(uid);
        if (this.#cluster.placeOf(uid) !== situation.nodeName) {
          this.#cluster.place(compilePodDemand(pod), situation.nodeName);
        }
        return;
      case "gated":
        this.#forget(uid);
        this.#write(pod, () => this.#deps.writer.setUnscheduled(pod, "SchedulingGated", situation.message));
        return;
      case "not-ours":
        this.#forget(uid);
        return;
      case "waiting":
        if (!this.#assumed.has(uid) && this.#queue.offer(pod)) this.#startQueueSpan(pod);
    }
  }

  #forget(uid: string): void {
    this.#queue.remove(uid);
    this.#queueSpans.delete(uid);
  }

  /** Frees what the pod held; parked pods that now fit there are tried again. */
  #release(uid: string): void {
    const nodeName = this.#cluster.remove(uid);
    if (nodeName !== undefined) this.#wakeFor(nodeName);
  }

  #wakeFor(nodeName: string): void {
    const node = this.#cluster.node(nodeName);
    if (node) this.#queue.wake(this.#deps.clock.monotonic(), (demand) => refusalOf(demand, node) === undefined);
  }

  /** Decides on all pods that can be decided on; sets a timer for the others. */
  #pump(): void {
    if (this.#deciding || !this.#active) return;
    this.#deciding = true;
    this.#queue.advance(this.#deps.clock.monotonic());
    for (let decisions = 0; decisions < decisionsPerTurn && this.#binding < mostBinding; decisions++) {
      const next = this.#queue.take();
      if (!next) {
        this.#deciding = false;
        this.#setTimer();
        return;
      }
      this.#schedule(next);
    }
    this.#deciding = false;
    if (this.#binding < mostBinding) void setImmediate().then(() => this.#pump());
  }

  #setTimer(): void {
    const { clock } = this.#deps;
    this.#cancelTimer();
    const dueMs = this.#queue.nextDueMs();
    if (dueMs === undefined) return;
    this.#cancelTimer = clock.after(Math.max(0, dueMs - clock.monotonic()), () => this.#pump());
  }

  #schedule({ pod, demand }: QueuedPod): void {
    const parent = contextOf(pod.metadata.annotations?.[annotations.traceparent]);
    // Only a decision that leads to a bind is a step of the pod's start: other spans are never ended, so never sent.
    const span = this.#deps.tracer.startSpan("bind", {}, parent);
    const placement = decidePlacement(demand, this.#cluster.nodes, this.#from);
    if (placement.kind === "unschedulable") {
      this.#queue.park(demand.uid, this.#deps.clock.monotonic());
      this.#reportUnschedulable(pod, placement.message);
      return;
    }
    this.#from = (this.#from + placement.examined) % this.#cluster.nodes.length;
    this.#endQueueSpan(demand.uid);
    this.#cluster.place(demand, placement.nodeName);
    this.#assumed.add(demand.uid);
    span.setAttributes({ "k8s.node.name": placement.nodeName, ...podAttributes(pod) });
    context.with(trace.setSpan(parent, span), () => this.#bind(pod, placement.nodeName, span));
  }

  #bind(pod: Pod, nodeName: string, span: Span): void {
    const { writer, events, log } = this.#deps;
    const uid = pod.metadata.uid ?? "";
    this.#binding++;
    this.#write(pod, async () => {
      log.info({ step: "bind", phase: "begin", pod: nameOf(pod), node: nodeName });
      try {
        const outcome = await writer.bind(pod, nodeName);
        span.setAttribute("outcome", outcome.kind);
        log.info({ step: "bind", phase: "end", pod: nameOf(pod), node: nodeName, outcome: outcome.kind });
        if (outcome.kind === "bound") {
          const message = `Successfully assigned ${nameOf(pod)} to ${nodeName}`;
          events.record({ object: referenceTo(pod), type: "Normal", reason: "Scheduled", message, component });
          return;
        }
        this.#unassume(uid);
        if (outcome.kind === "settled") return;
        this.#queue.offer(outcome.newest);
        this.#queue.again(uid);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: toPodbusError(error).message });
        log.warn({ err: error, pod: nameOf(pod), node: nodeName }, "a bind failed");
        this.#unassume(uid);
        this.#queue.backOff(uid, this.#deps.clock.monotonic());
      } finally {
        span.end();
        this.#binding--;
        this.#pump();
      }
    });
  }

  /** Takes back a placement that was not written; one that the watch has shown meanwhile stays. */
  #unassume(uid: string): void {
    if (this.#assumed.delete(uid)) this.#release(uid);
  }

  #reportUnschedulable(pod: Pod, message: string): void {
    const { writer, events } = this.#deps;
    events.record({ object: referenceTo(pod), type: "Warning", reason: "FailedScheduling", message, component });
    this.#write(pod, () => writer.setUnscheduled(pod, "Unschedulable", message));
  }

  #write(pod: Pod, work: () => Promise<void>): void {
    const write = work()
      .catch((error: unknown) =>
        this.#deps.log.warn({ err: error, pod: nameOf(pod) }, "a pod's condition was not written"),
      )
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  #startQueueSpan(pod: Pod): void {
    const parent = contextOf(pod.metadata.annotations?.[annotations.traceparent]);
    const span = this.#deps.tracer.startSpan("queue", { attributes: podAttributes(pod) }, parent);
    this.#queueSpans.set(pod.metadata.uid ?? "", span);
  }

  #endQueueSpan(uid: string): void {
    this.#queueSpans.get(uid)?.end();
    this.#queueSpans.delete(uid);
  }
}

const nameOf = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`;

const podAttributes = ({ metadata }: Pod) => ({
  "k8s.namespace.name": metadata.namespace ?? "",
  "k8s.pod.name": metadata.name,
  "k8s.pod.uid": metadata.uid ?? "",
});

const referenceTo = ({ metadata }: Pod) => ({
  apiVersion: "v1",
  kind: "Pod",
  namespace: metadata.namespace ?? "",
  name: metadata.name,
  uid: metadata.uid ?? "",
});
