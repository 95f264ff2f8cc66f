import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import type { ObjectKey, ObjectStore, StoredObject } from "@podbus/store";
import { withPodScheduled } from "../domain/pod-scheduled-condition.ts";
import type { BindOutcome, PodWriter } from "../ports.ts";

const mostTries = 10;

/** Writes pods by compare-and-set on what the cache holds; never over what it has not seen. */
export class StorePodWriter implements PodWriter {
  readonly #store: ObjectStore;
  readonly #clock: Clock;

  constructor(store: ObjectStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async bind(pod: Pod, nodeName: string): Promise<BindOutcome> {
    const current = this.#unbound(pod);
    if (!current) return { kind: "settled" };
    if (!sameSpec(current.value, pod)) return { kind: "changed", newest: current.value };
    const bound = { ...current.value, spec: { ...current.value.spec, nodeName } };
    const next = withPodScheduled(bound, { status: "True" }, this.#now());
    try {
      await this.#store.update(current.key, next, current.revision);
      return { kind: "bound" };
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      const newest = await this.#refresh(pod);
      return newest ? { kind: "changed", newest: newest.value } : { kind: "settled" };
    }
  }

  async setUnscheduled(pod: Pod, reason: "Unschedulable" | "SchedulingGated", message: string): Promise<void> {
    let current = this.#unbound(pod);
    for (let tries = 0; current && tries < mostTries; tries++) {
      const next = withPodScheduled(current.value, { status: "False", reason, message }, this.#now());
      if (next === current.value) return;
      try {
        await this.#store.update(current.key, next, current.revision);
        return;
      } catch (error) {
        if (!isOvertaken(error)) throw error;
        current = await this.#refresh(pod);
      }
    }
  }

  async #refresh(pod: Pod): Promise<StoredObject<Pod> | undefined> {
    await this.#store.cache.waitForRevision(await this.#store.latestRevision());
    return this.#unbound(pod);
  }

  /** This incarnation of the pod, if it still waits for a node. */
  #unbound(pod: Pod): StoredObject<Pod> | undefined {
    const stored = this.#store.cache.get<Pod>(keyOf(pod));
    if (!stored || stored.value.metadata.uid !== pod.metadata.uid) return undefined;
    const { metadata, spec } = stored.value;
    return spec.nodeName || metadata.deletionTimestamp ? undefined : stored;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  }
}

/** Someone else wrote first, or deleted it. */
const isOvertaken = (error: unknown) =>
  error instanceof PodbusError && (error.code === "ABORTED" || error.code === "NOT_FOUND");

const sameSpec = (a: Pod, b: Pod) => a === b || a.spec === b.spec || JSON.stringify(a.spec) === JSON.stringify(b.spec);

const keyOf = ({ metadata }: Pod): ObjectKey => ({
  resource: "pods",
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});
