import { randomUUID } from "node:crypto";
import { type Clock, pause } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { decideLease, heldBy, type LeaseSpec, type ObservedLease, released } from "./domain/lease-decision.ts";
import type { ObjectKey, ObjectStore, StorableObject, StoredObject } from "./object-store.ts";

export interface LeaseOptions {
  /** Unique per process. */
  readonly identity: string;
  readonly clock: Clock;
  /** How long a holder that went silent keeps the lease. It renews every third of this. */
  readonly durationMs: number;
  /** Gives the lease up, and ends. */
  readonly signal: AbortSignal;
}

interface Lease extends StorableObject {
  readonly apiVersion: "coordination.k8s.io/v1";
  readonly kind: "Lease";
  readonly metadata: StorableObject["metadata"] & { readonly uid?: string; readonly creationTimestamp?: string };
  readonly spec: LeaseSpec;
}

export const leaseKey = (name: string): ObjectKey => ({
  resource: "leases.coordination.k8s.io",
  namespace: "kube-system",
  name,
});

/**
 * Runs `whileLeading` whenever this process holds the lease, again and again until the signal; its own signal is
 * aborted when the lease is lost. Returns when the signal is aborted, `whileLeading` has ended and the lease is
 * released. Rejects, after releasing it, with what `whileLeading` throws. A leader that hangs may overlap with its
 * successor for a moment: every write of it must still be a compare-and-set.
 */
export async function holdLease(
  store: ObjectStore,
  key: ObjectKey,
  options: LeaseOptions,
  whileLeading: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const election = new Election(store, key, options);
  while (!options.signal.aborted) {
    const lease = await election.acquire();
    if (lease) await election.lead(lease, whileLeading);
  }
}

class Election {
  readonly #store: ObjectStore;
  readonly #key: ObjectKey;
  readonly #options: LeaseOptions;
  #observed: ObservedLease | undefined;

  constructor(store: ObjectStore, key: ObjectKey, options: LeaseOptions) {
    this.#store = store;
    this.#key = key;
    this.#options = options;
  }

  /** The lease, once it is ours; undefined when the signal was aborted before. */
  async acquire(): Promise<StoredObject<Lease> | undefined> {
    const { identity, durationMs, clock, signal } = this.#options;
    while (!signal.aborted) {
      const { revision } = this.#store.cache;
      const decision = decideLease(this.#observe(), { identity, durationMs, nowMs: clock.monotonic() });
      if (decision.kind === "wait") {
        await this.#changeOrTime(revision, decision.forMs);
        continue;
      }
      const taken = await this.#write(decision.kind === "take" ? decision.revision : undefined);
      if (taken) return taken;
      await pause(clock, durationMs / 10, signal);
    }
    return undefined;
  }

  async lead(lease: StoredObject<Lease>, whileLeading: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const leading = new AbortController();
    const onStop = () => leading.abort(this.#options.signal.reason);
    this.#options.signal.addEventListener("abort", onStop, { once: true });
    if (this.#options.signal.aborted) onStop();
    const renewing = this.#renew(lease, leading).catch((error: unknown) => {
      leading.abort(error);
      throw error;
    });
    // It is awaited below; until then nobody listens.
    renewing.catch(() => {});
    try {
      await whileLeading(leading.signal);
    } finally {
      this.#options.signal.removeEventListener("abort", onStop);
      leading.abort(new Error("leading has ended"));
      const last = await renewing;
      if (last) await this.#release(last);
    }
  }

  /** Renews until `leading` is aborted, or aborts it when the lease is lost. Answers the lease that is still held. */
  async #renew(lease: StoredObject<Lease>, leading: AbortController): Promise<StoredObject<Lease> | undefined> {
    const { clock, durationMs } = this.#options;
    let current = lease;
    let renewedAtMs = clock.monotonic();
    for (let waitMs = durationMs / 3; ; ) {
      await pause(clock, waitMs, leading.signal);
      if (leading.signal.aborted) return current;
      const triedAtMs = clock.monotonic();
      const deadlineMs = renewedAtMs + (durationMs * 2) / 3 - triedAtMs;
      const renewed = await this.#within(deadlineMs, this.#write(current.revision));
      if (renewed) {
        current = renewed;
        renewedAtMs = triedAtMs;
        waitMs = durationMs / 3;
        continue;
      }
      // Two thirds without a renewal: stop before anybody else may begin (client-go's RenewDeadline).
      const lost = this.#heldByAnother() || clock.monotonic() - renewedAtMs >= (durationMs * 2) / 3;
      if (lost) {
        leading.abort(new PodbusError({ code: "ABORTED", reason: "LeaseLost", message: "the lease was lost" }));
        return undefined;
      }
      current = this.#store.cache.get<Lease>(this.#key) ?? current;
      waitMs = durationMs / 15;
    }
  }

  /** Writes the lease as ours; undefined when another was faster or the store is away. */
  async #write(revision: number | undefined): Promise<StoredObject<Lease> | undefined> {
    const { identity, durationMs, clock } = this.#options;
    const previous = this.#store.cache.get<Lease>(this.#key)?.value;
    const spec = heldBy(previous?.spec, identity, durationMs, clock.now());
    const value = leaseObject(previous?.metadata ?? newMetadata(this.#key, clock.now()), spec);
    try {
      if (revision === undefined) return await this.#store.create(this.#key, value);
      return await this.#store.update(this.#key, value, revision);
    } catch (error) {
      if (isContention(error)) return undefined;
      throw error;
    }
  }

  async #release(lease: StoredObject<Lease>): Promise<void> {
    const spec = released(lease.value.spec, this.#options.clock.now());
    try {
      await this.#store.update(this.#key, leaseObject(lease.value.metadata, spec), lease.revision);
    } catch (error) {
      // Not released is not lost: the next one waits for the duration.
      if (!isContention(error)) throw error;
    }
  }

  #observe(): ObservedLease | undefined {
    const lease = this.#store.cache.get<Lease>(this.#key);
    if (!lease) this.#observed = undefined;
    else if (this.#observed?.revision !== lease.revision) {
      const sinceMs = this.#options.clock.monotonic();
      this.#observed = { spec: lease.value.spec, revision: lease.revision, sinceMs };
    }
    return this.#observed;
  }

  #heldByAnother(): boolean {
    const holder = this.#store.cache.get<Lease>(this.#key)?.value.spec.holderIdentity;
    return holder !== this.#options.identity;
  }

  /** Resolves after `ms`, on the next change of a lease here, or with the signal. */
  async #changeOrTime(fromRevision: number, ms: number): Promise<void> {
    const { clock, signal } = this.#options;
    const { resource, namespace } = this.#key;
    const done = new AbortController();
    const either = AbortSignal.any([signal, done.signal]);
    const watch = this.#store.cache.watch({ resource, namespace, fromRevision, signal: either });
    // Both end by the abort below; an expired watch is looked at again like any change.
    await Promise.race([pause(clock, ms, either), watch.next().catch(() => {})]);
    done.abort();
  }

  async #within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    const timer = new AbortController();
    const timeout = this.#options.clock.sleep(Math.max(0, ms), timer.signal).then(
      () => undefined,
      () => undefined,
    );
    try {
      return await Promise.race([work, timeout]);
    } finally {
      timer.abort();
      // When it lost the race nobody else listens to how it ends.
      work.catch(() => {});
    }
  }
}

/** What the API shows of every object. */
function newMetadata({ name, namespace }: ObjectKey, nowMs: number): Lease["metadata"] {
  const creationTimestamp = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  return { name, namespace, uid: randomUUID(), creationTimestamp };
}

function leaseObject(metadata: Lease["metadata"], spec: LeaseSpec): Lease {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec };
}

function isContention(error: unknown): boolean {
  if (!(error instanceof PodbusError)) return false;
  return ["ABORTED", "ALREADY_EXISTS", "NOT_FOUND", "UNAVAILABLE"].includes(error.code);
}
