import type { Pod } from "@podbus/kube";
import { compilePodDemand, type PodDemand } from "../placement/pod-demand.ts";
import { BinaryHeap } from "./binary-heap.ts";

/*
 *            offer                take                place
 *   (unseen) ─────▶ active ────────────▶ taken ─────────────▶ (removed)
 *                     ▲                    │
 *                     │ wake, due          ├─ park ───▶ parked    no node may take it
 *                     ├────────────────────┼─ backOff ▶ waiting   until a time
 *                     └────────────────────┴─ again
 */
export type QueueState = "active" | "taken" | "parked" | "waiting";

export interface QueuedPod {
  readonly demand: PodDemand;
  /** The newest that was offered. */
  readonly pod: Pod;
  readonly state: QueueState;
  /** Decisions and writes that failed. */
  readonly failures: number;
}

interface Entry extends QueuedPod {
  demand: PodDemand;
  pod: Pod;
  state: QueueState;
  failures: number;
  failedAtMs: number;
  /** When a waiting or parked pod is tried again in any case. */
  dueMs: number;
  /** First come first served within a priority. */
  order: number;
}

interface Turn {
  readonly entry: Entry;
  readonly order: number;
  readonly priority: number;
}

interface Due {
  readonly entry: Entry;
  readonly dueMs: number;
}

/** Kubernetes: pkg/scheduler/internal/queue/scheduling_queue.go, its defaults. */
const initialBackOffMs = 1_000;
const maxBackOffMs = 10_000;
const flushParkedMs = 5 * 60_000;

/** Pods without a node. Told the time (monotonic milliseconds) by its caller. */
export class SchedulingQueue {
  readonly #entries = new Map<string, Entry>();
  /** Heaps may hold what is no longer true; it is skipped when it comes up. */
  readonly #active = new BinaryHeap<Turn>(
    (a, b) => a.priority > b.priority || (a.priority === b.priority && a.order < b.order),
  );
  readonly #due = new BinaryHeap<Due>((a, b) => a.dueMs < b.dueMs);
  readonly #parked = new Set<Entry>();
  #order = 0;

  get size(): number {
    return this.#entries.size;
  }

  has(uid: string): boolean {
    return this.#entries.has(uid);
  }

  /** A new pod, or news of one. What failed before is tried again if its spec has changed. Answers whether it is new. */
  offer(pod: Pod): boolean {
    const uid = pod.metadata.uid ?? "";
    const entry = this.#entries.get(uid);
    if (entry) {
      this.#renew(entry, pod);
      return false;
    }
    const demand = compilePodDemand(pod);
    const added: Entry = { demand, pod, state: "active", failures: 0, failedAtMs: 0, dueMs: 0, order: 0 };
    this.#entries.set(uid, added);
    this.#activate(added);
    return true;
  }

  remove(uid: string): void {
    const entry = this.#entries.get(uid);
    if (!entry) return;
    this.#parked.delete(entry);
    this.#entries.delete(uid);
  }

  /** The next pod to decide on. It stays known (as taken) until it is removed or given back. */
  take(): QueuedPod | undefined {
    for (let head = this.#active.pop(); head; head = this.#active.pop()) {
      const { entry, order } = head;
      const current =
        this.#entries.get(entry.demand.uid) === entry && entry.state === "active" && entry.order === order;
      if (!current) continue;
      entry.state = "taken";
      return entry;
    }
    return undefined;
  }

  /** No node may take it: it waits until something changes that may help, or five minutes. */
  park(uid: string, nowMs: number): void {
    this.#fail(uid, "parked", nowMs, flushParkedMs);
  }

  /** Placing it failed: 1 s, 2 s, … 10 s. */
  backOff(uid: string, nowMs: number): void {
    const failures = this.#entries.get(uid)?.failures ?? 0;
    this.#fail(uid, "waiting", nowMs, backOffMs(failures + 1));
  }

  /** Decide again now: what it was decided on has changed. */
  again(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry?.state === "taken") this.#activate(entry);
  }

  /**
   * Something changed that may let parked pods run: those that `helps` are tried again. At once the first time; one
   * that was woken in vain before waits for its back-off, so that a crowd behind one freed place does not spin.
   */
  wake(nowMs: number, helps: (demand: PodDemand) => boolean): void {
    for (const entry of [...this.#parked]) {
      if (!helps(entry.demand)) continue;
      const readyMs = entry.failedAtMs + (entry.failures > 1 ? backOffMs(entry.failures - 1) : 0);
      if (readyMs <= nowMs) this.#activate(entry);
      else this.#waitUntil(entry, "waiting", readyMs);
    }
  }

  /** The situation is another one: every parked pod is tried again as if it had never failed. */
  reconsiderParked(): void {
    for (const entry of [...this.#parked]) {
      entry.failures = 0;
      this.#activate(entry);
    }
  }

  /** Makes active what has waited long enough. */
  advance(nowMs: number): void {
    for (let due = this.#nextDue(); due && due.dueMs <= nowMs; due = this.#nextDue()) this.#activate(due.entry);
  }

  /** When `advance` will have something to do; undefined for never. */
  nextDueMs(): number | undefined {
    return this.#nextDue()?.dueMs;
  }

  #nextDue(): Due | undefined {
    for (let head = this.#due.peek(); head; head = this.#due.peek()) {
      const { entry, dueMs } = head;
      const waits = entry.state === "waiting" || entry.state === "parked";
      if (waits && entry.dueMs === dueMs && this.#entries.get(entry.demand.uid) === entry) return head;
      this.#due.pop();
    }
    return undefined;
  }

  #renew(entry: Entry, pod: Pod): void {
    const changed = JSON.stringify(entry.pod.spec) !== JSON.stringify(pod.spec);
    entry.pod = pod;
    if (!changed) return;
    entry.demand = compilePodDemand(pod);
    if (entry.state !== "taken") this.#activate(entry);
  }

  #fail(uid: string, state: "parked" | "waiting", nowMs: number, delayMs: number): void {
    const entry = this.#entries.get(uid);
    if (entry?.state !== "taken") return;
    entry.failures++;
    entry.failedAtMs = nowMs;
    this.#waitUntil(entry, state, nowMs + delayMs);
  }

  #waitUntil(entry: Entry, state: "parked" | "waiting", dueMs: number): void {
    entry.state = state;
    entry.dueMs = dueMs;
    if (state === "parked") this.#parked.add(entry);
    else this.#parked.delete(entry);
    this.#due.push({ entry, dueMs });
  }

  #activate(entry: Entry): void {
    this.#parked.delete(entry);
    entry.state = "active";
    entry.order = this.#order++;
    this.#active.push({ entry, order: entry.order, priority: entry.demand.priority });
  }
}

const backOffMs = (failures: number) => Math.min(initialBackOffMs * 2 ** (failures - 1), maxBackOffMs);
