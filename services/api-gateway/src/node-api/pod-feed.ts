import type { Clock } from "@podbus/clock";
import { annotations, type Pod } from "@podbus/kube";
import type { ObjectStore, StoredObject, WatchEvent } from "@podbus/store";
import type { Logger } from "@podbus/telemetry";

/** What a node is told of its pods. */
export type FeedItem = (PodItem & { readonly first: boolean }) | GoneItem | SyncedItem;

interface PodItem {
  readonly kind: "pod";
  readonly pod: StoredObject<Pod>;
  /** When the gateway saw it, Unix milliseconds. */
  readonly seenAtMs: number;
}

interface GoneItem {
  readonly kind: "gone";
  readonly pod: StoredObject<Pod>;
  readonly revision: number;
}

interface SyncedItem {
  readonly kind: "synced";
  readonly revision: number;
}

/**
 * One watch on all pods, handed out per node: more nodes do not mean more watches. A subscriber that reads slowly
 * gets only the last value of each pod.
 */
export class PodFeed implements AsyncDisposable {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  /** Per node, its pods by "namespace/name". */
  readonly #nodes = new Map<string, Map<string, StoredObject<Pod>>>();
  readonly #subscribers = new Map<string, Set<NodeSubscription>>();
  /** UIDs of pods that their node has been told of. */
  readonly #delivered = new Set<string>();
  readonly #departed = new DepartedPods();
  readonly #running: Promise<void>;
  #revision = 0;

  constructor(store: ObjectStore, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#running = this.#run();
  }

  /** All pods of the node, then `synced`, then every change, until the signal. */
  async *subscribe(node: string, signal: AbortSignal): AsyncGenerator<FeedItem> {
    const subscription = new NodeSubscription();
    const subscribers = this.#subscribers.get(node) ?? new Set();
    this.#subscribers.set(node, subscribers.add(subscription));
    const ends = AbortSignal.any([signal, this.#stopping.signal]);
    try {
      const known = [...(this.#nodes.get(node)?.values() ?? [])].sort((a, b) => a.revision - b.revision);
      for (const pod of known) subscription.put({ kind: "pod", pod, seenAtMs: this.#clock.now() });
      subscription.synced(this.#revision);
      for await (const item of subscription.items(ends)) {
        yield item.kind === "pod" ? { ...item, first: this.#isFirst(item.pod) } : item;
      }
    } finally {
      subscribers.delete(subscription);
      if (subscribers.size === 0 && this.#subscribers.get(node) === subscribers) this.#subscribers.delete(node);
    }
  }

  /** Whether this incarnation of a pod is, or lately was, bound to the node; a static pod is known by its mirror. */
  belongsTo(node: string, namespace: string, name: string, uid: string): boolean {
    const pod = this.#nodes.get(node)?.get(`${namespace}/${name}`);
    const { uid: own, annotations: { [annotations.configMirror]: mirrored } = {} } = pod?.value.metadata ?? {};
    return own === uid || (mirrored !== undefined && mirrored === uid) || this.#departed.wasOn(node, uid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** The delivery that belongs to a pod's start: the first one, and the node has not begun with the pod. */
  #isFirst({ value }: StoredObject<Pod>): boolean {
    const uid = value.metadata.uid ?? "";
    if (this.#delivered.has(uid)) return false;
    this.#delivered.add(uid);
    return value.status?.startTime === undefined && (value.status?.phase ?? "Pending") === "Pending";
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const { items, revision } = this.#store.cache.list<Pod>("pods");
      this.#rebuild(items, revision);
      try {
        for await (const event of this.#store.cache.watch<Pod>({ resource: "pods", fromRevision: revision, signal })) {
          this.#apply(event);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#log.warn({ err: error }, "the pod feed lost its watch and lists again");
        await this.#clock.sleep(relistAfterMs, signal).catch(() => undefined);
      }
    }
  }

  /** After a gap: what changed between is told as changes. */
  #rebuild(pods: readonly StoredObject<Pod>[], revision: number): void {
    const present = new Set(pods.map(({ value }) => value.metadata.uid));
    for (const known of this.#nodes.values()) {
      for (const pod of [...known.values()]) {
        if (!present.has(pod.value.metadata.uid)) this.#remove(pod, revision);
      }
    }
    for (const pod of pods) {
      const before = this.#nodes.get(pod.value.spec.nodeName ?? "")?.get(nameOf(pod));
      if (before?.revision !== pod.revision) this.#put(pod);
    }
    this.#revision = revision;
  }

  #apply(event: WatchEvent<Pod>): void {
    const { object } = event;
    if (event.type === "DELETED") this.#remove(event.previous, object.revision);
    else this.#put(object);
    this.#revision = object.revision;
  }

  #put(pod: StoredObject<Pod>): void {
    const node = pod.value.spec.nodeName;
    if (!node) return;
    const pods = this.#nodes.get(node) ?? new Map<string, StoredObject<Pod>>();
    this.#nodes.set(node, pods.set(nameOf(pod), pod));
    for (const subscription of this.#subscribers.get(node) ?? [])
      subscription.put({ kind: "pod", pod, seenAtMs: this.#clock.now() });
  }

  #remove(pod: StoredObject<Pod>, revision: number): void {
    const node = pod.value.spec.nodeName;
    if (!node) return;
    const pods = this.#nodes.get(node);
    pods?.delete(nameOf(pod));
    if (pods?.size === 0) this.#nodes.delete(node);
    this.#delivered.delete(pod.value.metadata.uid ?? "");
    this.#departed.add(node, pod.value.metadata.uid ?? "");
    for (const subscription of this.#subscribers.get(node) ?? []) subscription.put({ kind: "gone", pod, revision });
  }
}

/** The cache rebuilds itself; asking again at once would only spin. */
const relistAfterMs = 100;

function nameOf({ key }: StoredObject<Pod>): string {
  return `${key.namespace}/${key.name}`;
}

/** One reader: at most one waiting item per incarnation of a pod, in the order of the last changes. */
class NodeSubscription {
  readonly #waiting = new Map<string, PodItem | GoneItem | SyncedItem>();
  #wake: (() => void) | undefined;

  put(item: PodItem | GoneItem): void {
    const uid = item.pod.value.metadata.uid ?? "";
    const replaced = this.#waiting.get(uid);
    this.#waiting.delete(uid);
    const seen = item.kind === "pod" && replaced?.kind === "pod" ? { seenAtMs: replaced.seenAtMs } : {};
    this.#waiting.set(uid, { ...item, ...seen });
    this.#wake?.();
  }

  synced(revision: number): void {
    this.#waiting.set("synced", { kind: "synced", revision });
    this.#wake?.();
  }

  async *items(signal: AbortSignal): AsyncGenerator<PodItem | GoneItem | SyncedItem> {
    const onAbort = () => this.#wake?.();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const [next] = this.#waiting;
        if (next) {
          this.#waiting.delete(next[0]);
          yield next[1];
        } else {
          const woken = Promise.withResolvers<void>();
          this.#wake = woken.resolve;
          await woken.promise;
          this.#wake = undefined;
        }
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/** A node still reports on a pod for a moment after its object has gone. */
class DepartedPods {
  readonly #nodeOf = new Map<string, string>();

  add(node: string, uid: string): void {
    this.#nodeOf.set(uid, node);
    const [oldest] = this.#nodeOf.keys();
    if (this.#nodeOf.size > mostDeparted && oldest !== undefined) this.#nodeOf.delete(oldest);
  }

  wasOn(node: string, uid: string): boolean {
    return this.#nodeOf.get(uid) === node;
  }
}

const mostDeparted = 2048;
