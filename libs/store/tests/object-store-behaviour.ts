import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { maxObjectBytes } from "../src/domain/object-size.ts";
import type { ObjectKey, ObjectStore, StorableObject, WatchEvent, WatchOptions } from "../src/object-store.ts";

export interface StoreHarness extends AsyncDisposable {
  /** Two handles on the same objects; one and the same where there is only one. */
  readonly stores: readonly [ObjectStore, ObjectStore];
}

interface Thing extends StorableObject {
  readonly data?: string;
}

const key = (name: string, namespace = "default", resource = "pods"): ObjectKey => ({ resource, namespace, name });
const thing = (name: string, data = "", namespace = "default"): Thing => ({ metadata: { name, namespace }, data });
const failure = (code: string, reason: string) => expect.objectContaining({ code, reason });

/** What every ObjectStore does, whatever it is made of. `windowSize` of the harness's stores must be 8. */
export function describeObjectStore(open: () => Promise<StoreHarness>): void {
  let harness: StoreHarness;
  let store: ObjectStore;
  let other: ObjectStore;
  let abort: AbortController;

  beforeEach(async () => {
    harness = await open();
    [store, other] = harness.stores;
    abort = new AbortController();
  });
  afterEach(async () => {
    abort.abort();
    await harness[Symbol.asyncDispose]();
  });

  const watch = (from: number, options: Partial<WatchOptions> = {}) =>
    store.cache.watch<Thing>({ resource: "pods", fromRevision: from, signal: abort.signal, ...options });

  /** The next `count` events as "TYPE name data". */
  async function take(events: AsyncIterableIterator<WatchEvent<Thing>>, count: number): Promise<string[]> {
    const seen: string[] = [];
    while (seen.length < count) {
      const { value, done } = await events.next();
      if (done) break;
      seen.push(`${value.type} ${value.object.key.name} ${value.object.value.data}`);
    }
    return seen;
  }

  describe("writes", () => {
    it("answers a created object with its revision as resourceVersion, and reads it back", async () => {
      const created = await store.create(key("a"), { metadata: { name: "a", resourceVersion: "77" } });
      expect(created.value.metadata.resourceVersion).toBe(String(created.revision));
      expect(created.key).toEqual(key("a"));
      expect(store.cache.get(key("a"))).toEqual(created);
      expect(store.cache.revision).toBeGreaterThanOrEqual(created.revision);
    });

    it("never changes the value it was given, and freezes the one it answers", async () => {
      const given = thing("a");
      const created = await store.create(key("a"), given);
      expect(given).toEqual(thing("a"));
      expect(Object.isFrozen(created.value.metadata)).toBe(true);
    });

    it("gives every write a greater revision", async () => {
      const a = await store.create(key("a"), thing("a"));
      const b = await other.create(key("b", "", "nodes"), thing("b"));
      const c = await store.update(key("a"), thing("a", "2"), a.revision);
      const d = await other.delete(key("b", "", "nodes"), b.revision);
      expect([b.revision > a.revision, c.revision > b.revision, d.revision > c.revision]).toEqual([true, true, true]);
      expect(await store.latestRevision()).toBe(d.revision);
    });

    it("lets an object be created once", async () => {
      await store.create(key("a"), thing("a", "first"));
      await expect(other.create(key("a"), thing("a"))).rejects.toEqual(failure("ALREADY_EXISTS", "AlreadyExists"));
      expect(store.cache.get<Thing>(key("a"))?.value.data).toBe("first");
    });

    it("lets only one of many concurrent updates of one revision win", async () => {
      const { revision } = await store.create(key("a"), thing("a"));
      await other.cache.waitForRevision(revision);
      const writes = Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? store : other).update(key("a"), thing("a", `${i}`), revision),
      );
      const results = await Promise.allSettled(writes);
      const lost = results.filter((r) => r.status === "rejected").map((r) => r.reason);
      expect(lost).toEqual(Array.from({ length: 9 }, () => failure("ABORTED", "Conflict")));
    });

    it("lets only one of many concurrent creations win", async () => {
      const writes = Array.from({ length: 10 }, (_, i) => (i % 2 ? store : other).create(key("a"), thing("a", `${i}`)));
      const results = await Promise.allSettled(writes);
      const lost = results.filter((r) => r.status === "rejected").map((r) => r.reason);
      expect(lost).toEqual(Array.from({ length: 9 }, () => failure("ALREADY_EXISTS", "AlreadyExists")));
    });

    const refusals: Record<string, { at: "never" | "old" | "deleted"; code: string; reason: string }> = {
      "an object that never was is NotFound": { at: "never", code: "NOT_FOUND", reason: "NotFound" },
      "an older revision is a Conflict": { at: "old", code: "ABORTED", reason: "Conflict" },
      "the revision of the deletion is NotFound": { at: "deleted", code: "NOT_FOUND", reason: "NotFound" },
    };
    for (const [sentence, { at, code, reason }] of Object.entries(refusals)) {
      it(`update and delete: ${sentence}`, async () => {
        let revision = 1;
        if (at !== "never") {
          const first = await store.create(key("a"), thing("a"));
          const second = await other.update(key("a"), thing("a", "2"), first.revision);
          revision = at === "old" ? first.revision : (await other.delete(key("a"), second.revision)).revision;
        }
        await expect(store.update(key("a"), thing("a", "x"), revision)).rejects.toEqual(failure(code, reason));
        await expect(store.delete(key("a"), revision)).rejects.toEqual(failure(code, reason));
      });
    }

    it("does not take a revision that is not yet as one", async () => {
      const { revision } = await store.create(key("a"), thing("a"));
      const refused = store.update(key("a"), thing("a", "x"), revision + 1000);
      await expect(refused).rejects.toEqual(failure("ABORTED", "Conflict"));
    });

    it("answers a deletion with the last value at the deletion's revision, and forgets the object", async () => {
      const created = await store.create(key("a"), thing("a", "old"));
      const deleted = await store.delete<Thing>(key("a"), created.revision, thing("a", "last"));
      expect(deleted.revision).toBeGreaterThan(created.revision);
      expect(deleted.value).toMatchObject({ data: "last", metadata: { resourceVersion: String(deleted.revision) } });
      expect(store.cache.get(key("a"))).toBeUndefined();
      expect(store.cache.list("pods").items).toEqual([]);
    });

    it("deletes with the stored object as the last one by default", async () => {
      const created = await store.create(key("a"), thing("a", "old"));
      const deleted = await other.delete<Thing>(key("a"), created.revision);
      expect(deleted.value.data).toBe("old");
    });

    it("creates again what was deleted, also from a store that did not delete it", async () => {
      const first = await store.create(key("a"), thing("a"));
      await store.delete(key("a"), first.revision);
      const second = await other.create(key("a"), thing("a", "again"));
      const gone = await other.delete(key("a"), second.revision);
      const third = await store.create(key("a"), thing("a", "thrice"));
      expect(third.revision).toBeGreaterThan(gone.revision);
      expect(store.cache.get<Thing>(key("a"))?.value.data).toBe("thrice");
    });

    it("stores 1.4 MiB and refuses more than 1.5 MiB", async () => {
      const large = await store.create(key("a"), thing("a", "x".repeat(1.4 * 1024 * 1024)));
      expect(store.cache.get(key("a"))?.revision).toBe(large.revision);
      const larger = store.create(key("b"), thing("b", "x".repeat(maxObjectBytes)));
      await expect(larger).rejects.toEqual(failure("RESOURCE_EXHAUSTED", "RequestEntityTooLarge"));
      expect((await store.delete(key("a"), large.revision)).key.name).toBe("a");
    });

    it("keeps names apart that only an encoding could confuse", async () => {
      const keys = [key("a.b"), key("a/b"), key("a=2Fb"), key("a", "b"), key("b", "a"), key("a", ""), key("system:a")];
      for (const k of keys) await store.create(k, thing(JSON.stringify(k)));
      for (const k of keys) expect(store.cache.get(k)?.value.metadata.name).toBe(JSON.stringify(k));
    });
  });

  describe("lists", () => {
    it("lists by namespace and name, at a revision", async () => {
      await store.create(key("b", "z"), thing("b"));
      await store.create(key("c", "a"), thing("c"));
      await store.create(key("a", "z"), thing("a"));
      const last = await store.create(key("x", "a", "secrets"), thing("x"));
      const all = store.cache.list("pods");
      expect(all.items.map((o) => `${o.key.namespace}/${o.key.name}`)).toEqual(["a/c", "z/a", "z/b"]);
      expect(all.revision).toBe(last.revision);
      expect(store.cache.list("pods", "z").items.map((o) => o.key.name)).toEqual(["a", "b"]);
      expect(store.cache.list("pods", "none").items).toEqual([]);
    });

    it("answers a list that later writes do not change", async () => {
      const a = await store.create(key("a"), thing("a"));
      const before = store.cache.list("pods", "default");
      await store.delete(key("a"), a.revision);
      expect(before.items).toHaveLength(1);
    });
  });

  describe("watches", () => {
    it("shows every change after a revision, in order, once, with what was before", async () => {
      const a = await store.create(key("a"), thing("a", "1"));
      const events = watch(a.revision);
      const a2 = await store.update(key("a"), thing("a", "2"), a.revision);
      await store.create(key("b"), thing("b", "1"));
      const gone = await store.delete<Thing>(key("a"), a2.revision, thing("a", "3"));
      const modified = await events.next();
      expect(modified.value).toMatchObject({ type: "MODIFIED", object: a2, previous: a });
      expect(await take(events, 1)).toEqual(["ADDED b 1"]);
      const deleted = await events.next();
      expect(deleted.value).toMatchObject({ type: "DELETED", object: gone, previous: a2 });
    });

    it("waits for what comes, and ends quietly when aborted", async () => {
      const events = watch(0);
      const first = take(events, 1);
      await store.create(key("a"), thing("a", "1"));
      expect(await first).toEqual(["ADDED a 1"]);
      const next = events.next();
      abort.abort();
      expect(await next).toEqual({ done: true, value: undefined });
    });

    it("shows one namespace or all, and never another resource", async () => {
      const one = watch(0, { namespace: "a" });
      const all = watch(0);
      await store.create(key("s", "a", "secrets"), thing("s"));
      await store.create(key("x", "b"), thing("x"));
      await store.create(key("y", "a"), thing("y"));
      expect(await take(one, 1)).toEqual(["ADDED y "]);
      expect(await take(all, 2)).toEqual(["ADDED x ", "ADDED y "]);
    });

    it("resumes from any revision in the window", async () => {
      const created: number[] = [];
      for (const name of ["a", "b", "c"]) created.push((await store.create(key(name), thing(name))).revision);
      expect(await take(watch(created[0] ?? 0), 2)).toEqual(["ADDED b ", "ADDED c "]);
      expect(await take(watch(created[1] ?? 0), 1)).toEqual(["ADDED c "]);
    });

    it("is Expired when the revision has left the window, and another resource's events do not age it", async () => {
      const first = await store.create(key("a", "", "nodes"), thing("a"));
      for (let i = 0; i < 30; i++) await store.create(key(`${i}`), thing(`${i}`));
      await expect(watch(first.revision).next()).rejects.toEqual(failure("OUT_OF_RANGE", "Expired"));
      const nodes = watch(first.revision - 1, { resource: "nodes" });
      expect(await take(nodes, 1)).toEqual(["ADDED a "]);
    });

    it("is Expired for a reader that is too slow", async () => {
      const slow = watch(await store.latestRevision());
      await store.create(key("first"), thing("first"));
      expect(await take(slow, 1)).toEqual(["ADDED first "]);
      for (let i = 0; i < 30; i++) await store.create(key(`${i}`), thing(`${i}`));
      await expect(slow.next()).rejects.toEqual(failure("OUT_OF_RANGE", "Expired"));
    });

    it("knows up to which revision everything has been handed out", async () => {
      const a = await store.create(key("a"), thing("a"));
      const events = watch(a.revision);
      expect(events.revision).toBe(a.revision);
      const other = await store.create(key("n", "", "nodes"), thing("n"));
      expect(events.revision).toBe(other.revision);
      const b = await store.create(key("b"), thing("b"));
      expect(events.revision).toBe(b.revision - 1);
      await events.next();
      expect(events.revision).toBe(b.revision);
    });

    it("begins in the future of the cache without repeating what was listed elsewhere", async () => {
      const a = await store.create(key("a"), thing("a"));
      const events = watch(a.revision + 1);
      await store.create(key("b"), thing("b"));
      await store.create(key("c"), thing("c"));
      expect(await take(events, 1)).toEqual(["ADDED c "]);
    });

    it("fails, rather than hangs, when the store is closed", async () => {
      const next = watch(0).next();
      const waits = store.cache.waitForRevision(10_000);
      await Promise.all([
        expect(next).rejects.toEqual(failure("UNAVAILABLE", "ServiceUnavailable")),
        expect(waits).rejects.toEqual(failure("UNAVAILABLE", "ServiceUnavailable")),
        store[Symbol.asyncDispose](),
      ]);
      await expect(store.create(key("a"), thing("a"))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    });
  });

  describe("waiting for a revision", () => {
    it("resolves when it is reached, and rejects with the signal's reason", async () => {
      const revision = await store.latestRevision();
      const reached = store.cache.waitForRevision(revision + 1);
      const given = new Error("no longer wanted");
      const abandoned = store.cache.waitForRevision(revision + 100, abort.signal);
      await store.create(key("a"), thing("a"));
      await reached;
      abort.abort(given);
      await expect(abandoned).rejects.toBe(given);
    });
  });
}
