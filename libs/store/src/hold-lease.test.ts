import { FakeClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { afterEach, describe, expect, it } from "vitest";
import { holdLease, leaseKey } from "./hold-lease.ts";
import { createMemoryStore } from "./memory-store.ts";
import type { ObjectStore } from "./object-store.ts";

const clock = new FakeClock();
const key = leaseKey("scheduler");
const durationMs = 15_000;
const stops: AbortController[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop.abort();
});

/** A candidate that notes when it leads. */
function candidate(store: ObjectStore, identity: string, leads: string[]) {
  const stop = new AbortController();
  stops.push(stop);
  const ended = holdLease(store, key, { identity, clock, durationMs, signal: stop.signal }, async (signal) => {
    leads.push(`${identity} leads`);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    leads.push(`${identity} stops`);
  });
  return { stop: () => stop.abort(), ended };
}

/** A view of the store whose writes fail while `down`. */
function failing(store: ObjectStore, state: { down: boolean }): ObjectStore {
  const write = async <T>(run: () => Promise<T>): Promise<T> => {
    if (state.down) throw new PodbusError({ code: "UNAVAILABLE", message: "down" });
    return await run();
  };
  return {
    cache: store.cache,
    latestRevision: () => store.latestRevision(),
    create: (k, v) => write(() => store.create(k, v)),
    update: (k, v, r) => write(() => store.update(k, v, r)),
    delete: (k, r, v) => write(() => store.delete(k, r, v)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

describe("holdLease", () => {
  it("lets one lead, and the next at once when it stops", async () => {
    const store = createMemoryStore({ clock });
    const leads: string[] = [];
    const a = candidate(store, "a", leads);
    await clock.step(0);
    candidate(store, "b", leads);
    await clock.step(10 * durationMs);
    expect(leads).toEqual(["a leads"]);
    a.stop();
    await a.ended;
    await clock.step(0);
    expect(leads).toEqual(["a leads", "a stops", "b leads"]);
    expect(store.cache.get(key)?.value).toMatchObject({ spec: { holderIdentity: "b", leaseTransitions: 1 } });
  });

  it("stops leading before its lease can be taken when it cannot renew, and leads again later", async () => {
    const store = createMemoryStore({ clock });
    const state = { down: false };
    const leads: string[] = [];
    candidate(failing(store, state), "a", leads);
    await clock.step(0);
    candidate(store, "b", leads);
    await clock.step(0);
    state.down = true;
    await clock.step(durationMs - 1);
    expect(leads).toEqual(["a leads", "a stops"]);
    await clock.step(1);
    expect(leads).toEqual(["a leads", "a stops", "b leads"]);
  });

  it("writes an object as any other: with an identity and an age", async () => {
    const store = createMemoryStore({ clock });
    candidate(store, "a", []);
    await clock.step(0);
    expect(store.cache.get(key)?.value.metadata).toMatchObject({
      name: key.name,
      namespace: key.namespace,
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  it("takes over what a dead holder left after the duration, not before", async () => {
    const store = createMemoryStore({ clock });
    const spec = { holderIdentity: "dead", leaseDurationSeconds: 15 };
    await store.create(key, { metadata: { name: key.name }, spec } as { metadata: { name: string } });
    const leads: string[] = [];
    candidate(store, "b", leads);
    await clock.step(durationMs - 1);
    expect(leads).toEqual([]);
    await clock.step(1);
    expect(leads).toEqual(["b leads"]);
  });

  it("goes on through a short outage of the store", async () => {
    const store = createMemoryStore({ clock });
    const state = { down: false };
    const leads: string[] = [];
    candidate(failing(store, state), "a", leads);
    await clock.step(durationMs / 3 - 1);
    state.down = true;
    await clock.step(3_000);
    state.down = false;
    await clock.step(4 * durationMs);
    expect(leads).toEqual(["a leads"]);
  });

  it("releases the lease and rejects when leading fails", async () => {
    const store = createMemoryStore({ clock });
    const signal = new AbortController().signal;
    const fails = () => Promise.reject(new Error("broken"));
    await expect(holdLease(store, key, { identity: "a", clock, durationMs, signal }, fails)).rejects.toThrow("broken");
    expect(store.cache.get(key)?.value).toMatchObject({ spec: { holderIdentity: "" } });
  });
});
