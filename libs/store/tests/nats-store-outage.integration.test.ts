import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { systemClock } from "@podbus/clock";
import { startNats, type TestNatsServer } from "@podbus/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openStore, type StoreOptions } from "../src/nats-store.ts";
import type { ObjectKey, ObjectStore, StorableObject } from "../src/object-store.ts";
import { connectThrough } from "./connect-through.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

interface Thing extends StorableObject {
  readonly data?: string;
}

const key: ObjectKey = { resource: "pods", namespace: "default", name: "a" };
const thing = (data: string): Thing => ({ metadata: { name: "a", namespace: "default" }, data });
const soon = { timeout: 20_000, interval: 20 };

let nats: TestNatsServer;
let buckets = 0;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats[Symbol.asyncDispose]());

describe("a NATS store with a disturbed connection", () => {
  let bucket: string;
  let proxy: TcpProxy;
  /** The store behind the proxy, and one that is never disturbed. */
  let store: ObjectStore;
  let other: ObjectStore;
  let abort: AbortController;
  const cleanups: (() => PromiseLike<unknown>)[] = [];

  async function open(connection: NatsConnection, options: Partial<StoreOptions> = {}): Promise<ObjectStore> {
    cleanups.push(() => connection.close());
    const opened = await openStore({ connection, clock: systemClock, bucket, ...options });
    cleanups.push(() => opened[Symbol.asyncDispose]());
    return opened;
  }

  beforeEach(async () => {
    bucket = `outage-${buckets++}`;
    abort = new AbortController();
    proxy = await startTcpProxy(nats.port);
    cleanups.push(() => proxy[Symbol.asyncDispose]());
    store = await open(await connectThrough(proxy.port));
    other = await open(await connectThrough(nats.port));
  });
  afterEach(async () => {
    abort.abort();
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function update(times: number, revision: number): Promise<number> {
    let current = revision;
    for (let i = 1; i <= times; i++) current = (await other.update(key, thing(`${i}`), current)).revision;
    return current;
  }

  const watch = (fromRevision: number) =>
    store.cache.watch<Thing>({ resource: "pods", fromRevision, signal: abort.signal });

  it("resumes a watch after an outage without missing an update", async () => {
    const { revision } = await store.create(key, thing("0"));
    const events = watch(revision);
    await proxy.cut();
    await update(10, revision);
    await proxy.restore();
    const seen: string[] = [];
    for await (const event of events) if (seen.push(event.object.value.data ?? "") === 10) break;
    expect(seen).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  });

  it("ends a watch with Expired when updates it has not seen are no longer there, and is right again", async () => {
    const { revision } = await store.create(key, thing("0"));
    const events = watch(revision);
    await proxy.cut();
    const last = await update(40, revision);
    await proxy.restore();
    await expect(events.next()).rejects.toMatchObject({ code: "OUT_OF_RANGE", reason: "Expired" });
    expect(store.cache.list("pods")).toMatchObject({ revision: last, items: [{ revision: last }] });
  });

  it("notices a deletion whose tombstone was removed during the outage", async () => {
    const quick = await open(await connectThrough(nats.port), { tombstoneAgeMs: 40 });
    const { revision } = await store.create(key, thing("0"));
    const events = watch(revision);
    await proxy.cut();
    const deleted = await other.delete(key, revision);
    const manager = await jetstreamManager(await trackedConnection());
    const info = () => manager.streams.info(`KV_${bucket}`);
    await vi.waitFor(async () => expect((await info()).state.messages).toBe(0), soon);
    await proxy.restore();
    await expect(events.next()).rejects.toMatchObject({ reason: "Expired" });
    expect(store.cache.list("pods")).toEqual({ revision: deleted.revision, items: [] });
    expect(await quick.latestRevision()).toBe(deleted.revision);
    const again = await store.create(key, thing("again"));
    await quick.cache.waitForRevision(again.revision);
    expect(quick.cache.get<Thing>(key)?.value.data).toBe("again");
  });

  it("never removes an object that was created over an old tombstone", async () => {
    await open(await connectThrough(nats.port), { tombstoneAgeMs: 40 });
    const { revision } = await store.create(key, thing("0"));
    await store.delete(key, revision);
    const again = await store.create(key, thing("again"));
    const manager = await jetstreamManager(await trackedConnection());
    const unrelated = { ...key, name: "b" };
    const b = await store.create(unrelated, thing("b"));
    await store.delete(unrelated, b.revision);
    const info = () => manager.streams.info(`KV_${bucket}`, { subjects_filter: ">" });
    await vi.waitFor(async () => expect(Object.keys((await info()).state.subjects ?? {})).toHaveLength(1), soon);
    expect((await other.update(key, thing("still there"), again.revision)).revision).toBeGreaterThan(again.revision);
  });

  it("reports success for a write that landed though its answer was lost", async () => {
    const { revision } = await store.create(key, thing("0"));
    proxy.swallow("replies");
    const writing = store.update<Thing>(key, thing("mine"), revision);
    await vi.waitFor(() => expect(other.cache.get<Thing>(key)?.value.data).toBe("mine"), soon);
    await proxy.cut();
    await proxy.restore();
    const written = await writing;
    expect(written).toEqual(other.cache.get(key));
  });

  it("reports success for it even when another has written over it since", async () => {
    const { revision } = await store.create(key, thing("0"));
    proxy.swallow("replies");
    const writing = store.update<Thing>(key, thing("mine"), revision);
    await vi.waitFor(() => expect(other.cache.get<Thing>(key)?.value.data).toBe("mine"), soon);
    const mine = other.cache.get(key)?.revision ?? 0;
    await update(3, mine);
    await proxy.cut();
    await proxy.restore();
    expect(await writing).toMatchObject({ revision: mine, value: { data: "mine" } });
  });

  it("reports Conflict for a write that was lost on the way while another one was accepted", async () => {
    const { revision } = await store.create(key, thing("0"));
    proxy.swallow("requests");
    const writing = store.update(key, thing("mine"), revision);
    const lost = expect(writing).rejects.toMatchObject({ code: "ABORTED", reason: "Conflict" });
    await update(1, revision);
    await proxy.cut();
    await proxy.restore();
    await lost;
    expect(store.cache.get<Thing>(key)?.value.data).toBe("1");
  });

  it("writes what was lost on the way when nobody else has", async () => {
    const { revision } = await store.create(key, thing("0"));
    proxy.swallow("requests");
    const writing = store.update<Thing>(key, thing("mine"), revision);
    await proxy.cut();
    await proxy.restore();
    expect((await writing).value.data).toBe("mine");
  });

  it("answers UNAVAILABLE and says that it does not know, when the server stays away", async () => {
    const { revision } = await store.create(key, thing("0"));
    await proxy.cut();
    const writing = store.update(key, thing("mine"), revision);
    await expect(writing).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("not known") });
  });

  it("makes its consumer anew when that was deleted behind its back", async () => {
    const { revision } = await store.create(key, thing("0"));
    const events = watch(revision);
    const manager = await jetstreamManager(await trackedConnection());
    const names: string[] = [];
    for await (const consumer of manager.consumers.list(`KV_${bucket}`)) names.push(consumer.name);
    for (const name of names) await manager.consumers.delete(`KV_${bucket}`, name);
    const written = await store.update(key, thing("1"), revision);
    expect((await events.next()).value).toMatchObject({ type: "MODIFIED", object: { revision: written.revision } });
  });

  it("starts over when the bucket was deleted and made again", async () => {
    for (const name of ["a", "b", "c"]) await store.create({ ...key, name }, thing(name));
    const events = watch(await store.latestRevision());
    const ended = expect(events.next()).rejects.toMatchObject({ reason: "Expired" });
    const manager = await jetstreamManager(await trackedConnection());
    await manager.streams.delete(`KV_${bucket}`);
    const fresh = await open(await connectThrough(nats.port));
    await fresh.create(key, thing("new"));
    await ended;
    expect(store.cache.list<Thing>("pods").items.map((o) => o.value.data)).toEqual(["new"]);
  });

  it("keeps objects where any KV client finds them", async () => {
    const { revision } = await store.create({ ...key, name: "a.b" }, thing("0"));
    const kv = await new Kvm(await trackedConnection()).open(bucket);
    const entry = await kv.get("pods.default.a/b");
    expect([entry?.revision, entry?.json()]).toEqual([revision, thing("0")]);
  });

  it("treats a value that another client deleted as deleted, and passes over keys that are not ours", async () => {
    const { revision } = await store.create(key, thing("0"));
    const events = watch(revision);
    const kv = await new Kvm(await trackedConnection()).open(bucket);
    await kv.put("foreign", "value");
    await kv.delete("pods.default.a");
    expect((await events.next()).value).toMatchObject({ type: "DELETED", object: { revision: revision + 2 } });
    expect((await store.create(key, thing("again"))).revision).toBe(revision + 3);
  });

  async function trackedConnection(): Promise<NatsConnection> {
    const connection = await connectThrough(nats.port);
    cleanups.push(() => connection.close());
    return connection;
  }
});
