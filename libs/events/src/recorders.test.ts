import { FakeClock } from "@podbus/clock";
import type { EventRecord as WireRecord } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { CoreEvent } from "@podbus/kube";
import { createMemoryStore, type ObjectStore } from "@podbus/store";
import { beforeEach, describe, expect, it } from "vitest";
import { BufferedRecorder } from "./buffered-recorder.ts";
import type { EventInput, EventRecord } from "./event-input.ts";
import { fromWire } from "./event-wire.ts";
import { expireEvents } from "./expire-events.ts";
import { recordEvents } from "./record-events.ts";
import { createEventRecorder, createNodeEventRecorder } from "./recorders.ts";

const event = (message: string, at?: number): EventInput => ({
  object: { apiVersion: "v1", kind: "Pod", namespace: "default", name: "web", uid: "u1" },
  type: "Warning",
  reason: "BackOff",
  message,
  component: "kubelet",
  ...(at === undefined ? {} : { at }),
});

let clock: FakeClock;
let store: ObjectStore;
let logged: object[];
const log = { warn: (fields: object) => void logged.push(fields) };

beforeEach(() => {
  clock = new FakeClock();
  store = createMemoryStore({ clock });
  logged = [];
});

const stored = () =>
  store.cache.list<CoreEvent>("events", "default").items.map(({ value }) => [value.message, value.count]);

describe("createEventRecorder", () => {
  it("counts equal events on one object and keeps others apart", async () => {
    await using recorder = createEventRecorder({ store, clock, log });
    recorder.record(event("one"));
    await clock.step(1_000);
    recorder.record(event("one"));
    recorder.record(event("two"));
    await clock.step(0);
    expect(stored().sort()).toEqual([
      ["one", 2],
      ["two", 1],
    ]);
  });

  it("sends what is buffered when it is disposed", async () => {
    const recorder = createEventRecorder({ store, clock, log });
    recorder.record(event("last words"));
    await recorder[Symbol.asyncDispose]();
    expect(stored()).toEqual([["last words", 1]]);
    expect(logged).toEqual([]);
  });
});

describe("recordEvents", () => {
  it("changes nothing when the same records are delivered again", async () => {
    const records = [event("one", 1_000), event("one", 2_000), event("two", 2_000)] as EventRecord[];
    await recordEvents(store, records, { clock, host: "node-1" });
    const { revision } = store.cache;
    await recordEvents(store, records, { clock, host: "node-1" });
    expect(store.cache.revision).toBe(revision);
    expect(stored().sort()).toEqual([
      ["one", 2],
      ["two", 1],
    ]);
  });

  it("counts a record once when two replicas get it at the same time", async () => {
    // Both look before either writes, as replicas do whose caches are behind.
    const late = async <T>(write: () => Promise<T>): Promise<T> => {
      await clock.sleep(10);
      return await write();
    };
    const replica: ObjectStore = {
      cache: store.cache,
      latestRevision: () => store.latestRevision(),
      create: (k, v) => late(() => store.create(k, v)),
      update: (k, v, r) => late(() => store.update(k, v, r)),
      delete: (k, r, v) => late(() => store.delete(k, r, v)),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
    for (const at of [1_000, 2_000]) {
      const record: EventRecord = { ...event("one"), at };
      const both = Promise.all([replica, replica].map((r) => recordEvents(r, [record], { clock })));
      await clock.step(100);
      await both;
    }
    expect(stored()).toEqual([["one", 2]]);
  });
});

describe("createNodeEventRecorder", () => {
  it("sends batches, goes on where the gateway was away, and never blocks", async () => {
    const received: string[][] = [];
    let away = true;
    const recordEventsCall = async (request: { events?: readonly unknown[] }) => {
      if (away) throw new PodbusError({ code: "UNAVAILABLE", message: "away" });
      received.push((request.events as WireRecord[]).map((wire) => fromWire(wire).message));
      return { $typeName: "podbus.api_gateway.v1.RecordEventsResponse" as const };
    };
    const recorder = createNodeEventRecorder({ nodeApi: { recordEvents: recordEventsCall }, clock, log });
    for (let i = 0; i < 60; i++) recorder.record(event(`${i}`));
    await clock.step(5_000);
    expect(received).toEqual([]);
    away = false;
    await clock.step(10_000);
    expect(received.map((batch) => batch.length)).toEqual([50, 10]);
    expect(received.flat()).toEqual(Array.from({ length: 60 }, (_, i) => `${i}`));
    expect(logged).toEqual([]);
  });
});

describe("BufferedRecorder", () => {
  const refused = new PodbusError({ code: "PERMISSION_DENIED", message: "not your pod" });
  const away = new PodbusError({ code: "UNAVAILABLE", message: "away" });

  it("drops a refused batch, says so, and goes on", async () => {
    const answers = [() => Promise.reject(refused), () => Promise.resolve()];
    const sent: number[] = [];
    const recorder = new BufferedRecorder({
      clock,
      log,
      send: (batch) => {
        sent.push(batch.length);
        return answers.shift()?.() ?? Promise.resolve();
      },
    });
    recorder.record(event("refused"));
    await clock.step(0);
    recorder.record(event("fine"));
    await clock.step(0);
    expect(sent).toEqual([1, 1]);
    expect(logged).toEqual([{ err: refused, events: ["BackOff web"] }]);
  });

  it("keeps no more than its capacity, and says how many it dropped", async () => {
    let answer = () => Promise.reject<void>(away);
    const recorder = new BufferedRecorder({ clock, log, capacity: 3, send: () => answer() });
    for (let i = 0; i < 5; i++) recorder.record(event(`${i}`));
    await clock.step(1_000);
    answer = () => Promise.resolve();
    await clock.step(10_000);
    expect(logged).toEqual([{ dropped: 2 }]);
  });

  it("gives up after a bounded time when it is disposed, and says what is lost", async () => {
    const recorder = new BufferedRecorder({ clock, log, send: () => new Promise(() => {}) });
    recorder.record(event("never sent"));
    const disposed = recorder[Symbol.asyncDispose]();
    await clock.step(3_000);
    await disposed;
    recorder.record(event("after the end"));
    expect(logged).toEqual([{ dropped: 1 }]);
  });
});

describe("expireEvents", () => {
  it("deletes events an hour after they were last counted", async () => {
    await using recorder = createEventRecorder({ store, clock, log });
    recorder.record(event("old"));
    recorder.record(event("counted again"));
    await clock.step(30 * 60_000);
    recorder.record(event("counted again"));
    const stop = new AbortController();
    const ended = expireEvents(store, { clock, signal: stop.signal, log });
    await clock.step(29 * 60_000);
    expect(stored()).toHaveLength(2);
    await clock.step(3 * 60_000);
    expect(stored()).toEqual([["counted again", 2]]);
    await clock.step(30 * 60_000);
    expect(stored()).toEqual([]);
    stop.abort();
    await ended;
    expect(logged).toEqual([]);
  });
});
