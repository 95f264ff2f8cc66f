import type { ObservedContainer, ObservedPod, ObservedSandbox } from "./observed-pod.ts";

const rank = { created: 0, running: 1, exited: 2, ready: 0, "not-ready": 1 } as const;

interface Seen<T> {
  readonly value: T;
  readonly seenAtMs: number;
}

/** How long a removed id is remembered, so that an old list or a late event does not bring it back. */
const graveMs = 10 * 60_000;

/** One moment on both clocks. */
export interface Moment {
  readonly wallMs: number;
  readonly steadyMs: number;
}

/**
 * What is known of one pod's sandboxes and containers, from lists, events and our own calls in whatever order they
 * arrive. States only move forward; what is removed does not return. Times are of a monotonic clock.
 */
export class PodRecords {
  readonly #sandboxes = new Map<string, Seen<ObservedSandbox>>();
  readonly #containers = new Map<string, Seen<ObservedContainer>>();
  readonly #removed = new Map<string, number>();
  #view: ObservedPod | undefined;

  get observed(): ObservedPod {
    this.#view ??= {
      sandboxes: [...this.#sandboxes.values()].map((s) => s.value),
      containers: [...this.#containers.values()].map((c) => c.value),
    };
    return this.#view;
  }

  get isEmpty(): boolean {
    return this.#sandboxes.size + this.#containers.size === 0;
  }

  sandbox(id: string): ObservedSandbox | undefined {
    return this.#sandboxes.get(id)?.value;
  }

  container(id: string): ObservedContainer | undefined {
    return this.#containers.get(id)?.value;
  }

  /** Whether this news changed anything. */
  seeSandbox(value: ObservedSandbox, nowMs: number): boolean {
    const known = this.#sandboxes.get(value.id)?.value;
    if (this.#removed.has(value.id) || (known && rank[value.state] < rank[known.state])) return false;
    const merged = known && value.ips.length === 0 ? { ...value, ips: known.ips } : value;
    this.#sandboxes.set(value.id, { value: merged, seenAtMs: nowMs });
    return this.#changed(known, merged);
  }

  seeContainer(value: ObservedContainer, at: Moment): boolean {
    const before = this.#containers.get(value.id);
    const known = before?.value;
    if (this.#removed.has(value.id) || (known && rank[value.state] < rank[known.state])) return false;
    const sandboxId = value.sandboxId || (known?.sandboxId ?? "");
    const ended = value.state === "exited" ? { endedSteadyMs: endedSteadyMs(value, at, before?.seenAtMs) } : {};
    const merged = known?.state === "exited" ? known : { ...value, sandboxId, ...ended };
    this.#containers.set(value.id, { value: merged, seenAtMs: at.steadyMs });
    return this.#changed(known, merged);
  }

  remove(id: string, nowMs: number): boolean {
    this.#removed.set(id, nowMs);
    for (const [old, atMs] of this.#removed) if (nowMs - atMs > graveMs) this.#removed.delete(old);
    const sandbox = this.#sandboxes.delete(id);
    const container = this.#containers.delete(id);
    this.#view = undefined;
    return sandbox || container;
  }

  /** Forgets what a list that was asked for at `listedAtMs` did not contain and nothing later told of. */
  removeUnlisted(ids: ReadonlySet<string>, listedAtMs: number): boolean {
    const entries = [...this.#sandboxes, ...this.#containers];
    const absent = entries.filter(([id, seen]) => !ids.has(id) && seen.seenAtMs < listedAtMs);
    for (const [id] of absent) this.remove(id, listedAtMs);
    return absent.length > 0;
  }

  #changed(before: object | undefined, after: object): boolean {
    this.#view = undefined;
    return JSON.stringify(before) !== JSON.stringify(after);
  }
}

/**
 * When a container ended, from the wall-clock time that the runtime gives: not in the future, and not before it was last
 * seen running. A clock that jumps thereby moves it by no more than nobody looked.
 */
function endedSteadyMs(
  { finishedAtMs }: ObservedContainer,
  { wallMs, steadyMs }: Moment,
  seenAtMs = -Infinity,
): number {
  return Math.max(steadyMs - Math.max(0, wallMs - finishedAtMs), seenAtMs);
}
