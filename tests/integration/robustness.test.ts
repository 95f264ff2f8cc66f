import { readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { createNatsBus, type Implementation } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { PodLifecycle } from "@podbus/contracts";
import { eventually } from "@podbus/testkit";
import { type KubeAccess, readKubeAccess } from "podbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usageOf } from "../bench/process-usage.ts";
import { ApiClient } from "../support/api-client.ts";
import { IdleWatches, type WatchEvent } from "../support/idle-watches.ts";
import { node, SeparateServices } from "../support/separate-services.ts";
import { UnreadRequest } from "../support/unread-request.ts";

/** A gateway in a process of its own, on a real NATS, with clients that are many, idle, slow or hostile. */
let deployment: SeparateServices;
let access: KubeAccess;
let api: ApiClient;

const configMaps = "/api/v1/namespaces/default/configmaps";

beforeAll(async () => {
  deployment = await SeparateServices.start([], ["nats-server", "api-gateway", "scheduler-admission"]);
  access = await readKubeAccess(deployment.kubeconfig);
  api = new ApiClient(access);
}, 60_000);

afterAll(async () => {
  api?.[Symbol.dispose]();
  await deployment?.[Symbol.asyncDispose]();
});

const gateway = () => deployment.pidOf("api-gateway") ?? 0;
/** What the node's pod-lifecycle would answer. */
async function serveLog(readLogs: Implementation<typeof PodLifecycle>["readLogs"]): Promise<AsyncDisposable> {
  await using unlessServed = new AsyncDisposableStack();
  const connection = await deployment.connectToBus("pod-lifecycle");
  unlessServed.defer(() => connection.close());
  const bus = unlessServed.use(createNatsBus({ connection, name: "pod-lifecycle", clock: systemClock }));
  const others = {
    async *exec() {},
    sendExecInput: () => ({}),
    async *openTunnel() {},
    sendTunnelInput: () => ({}),
  };
  unlessServed.use(await bus.serve(PodLifecycle, { node }, { ...others, readLogs }));
  return unlessServed.move();
}

const rssMib = () => usageOf(gateway()).rssMib;
const openFiles = () => readdirSync(`/proc/${gateway()}/fd`).length;
/** HTTP/1.1 keeps connections for the next request: they are closed here. */
function freshClient(): void {
  api[Symbol.dispose]();
  api = new ApiClient(access);
}

const revisionNow = async () => (await api.must("GET", `${configMaps}?limit=1`)).metadata.resourceVersion as string;
const create = (name: string, data: Record<string, string> = {}) =>
  api.must("POST", configMaps, { body: { metadata: { name }, data } });

describe("a thousand idle watches", () => {
  const each = 500;
  const watching = async (query: string) => `${configMaps}?watch=1&resourceVersion=${await revisionNow()}&${query}`;
  const open = async (query: string) => {
    const watches = new IdleWatches();
    await watches.openHttp2(access, await watching(query), each);
    await watches.openHttp1(api, await watching(query), each);
    return watches;
  };

  it("all get the next event, and a bookmark when their time is over; each costs little memory", async () => {
    const [filesBefore, rssBefore] = [openFiles(), rssMib()];
    const { watches } = await open("allowWatchBookmarks=true&timeoutSeconds=12");
    // Half of them have a TLS connection of their own. Measured: 56 KiB on average.
    expect(((rssMib() - rssBefore) * 1024) / watches.length).toBeLessThan(200);
    await create("next");
    await eventually(() => watches.every(({ events }) => events[0]?.object.metadata.name === "next"), {
      message: "not all got the event",
    });
    await eventually(() => watches.every(({ ended }) => ended), { timeoutMs: 20_000, message: "not all ended" });
    expect(new Set(watches.map(({ events }) => events.map(({ type }) => type).join()))).toEqual(
      new Set(["ADDED,BOOKMARK"]),
    );
    freshClient();
    await eventually(() => openFiles() <= filesBefore + 20, { message: "connections stay open" });
  }, 60_000);

  it("that leave without a word give everything back", async () => {
    const [filesBefore, rssBefore] = [openFiles(), rssMib()];
    const watches = await open("allowWatchBookmarks=true");
    expect(openFiles()).toBeGreaterThan(filesBefore + each - 50);
    watches.leave();
    await eventually(() => openFiles() <= filesBefore + 20, { message: "connections stay open" });
    await create("after");
    // The heap of the first thousand is used again.
    expect(rssMib() - rssBefore).toBeLessThan(100);
  }, 60_000);
});

describe("clients that do not read", () => {
  const objects = 16;
  const changes = 10_000;
  const unreadWatches = 20;
  const filling = "x".repeat(8_000);

  it("a watch is ended and can go on; others do not lag, and the gateway's memory is bounded", async () => {
    const path = `${configMaps}?watch=1&resourceVersion=${await revisionNow()}`;
    const reader = new IdleWatches();
    await reader.openHttp2(access, path, 1);
    const seen = () => reader.watches[0]?.events.length ?? 0;
    freshClient();
    const [filesBefore, rssBefore] = [openFiles(), rssMib()];
    await using all = new AsyncDisposableStack();
    const open = async () => all.use(await UnreadRequest.open(access, path));
    const [unread] = await Promise.all(Array.from({ length: unreadWatches }, open));
    let written = 0;
    let greatestLag = 0;
    const change = async (name: string) => {
      await create(name, { filling });
      for (let count = 1; count <= changes / objects; count += 1) {
        const body = { data: { count: String(count) } };
        await api.must("PATCH", `${configMaps}/${name}`, { body, contentType: "application/merge-patch+json" });
        written += 1;
        greatestLag = Math.max(greatestLag, written - seen());
      }
    };
    await Promise.all(Array.from({ length: objects }, (_, at) => change(`busy-${at}`)));
    await eventually(() => seen() >= changes + objects, { message: "the reader lags" });
    expect(greatestLag).toBeLessThan(500);
    // The events are kept once, some 50 MiB, and not for each watch, which would be 1.6 GB. Measured: 50 to 230 MiB.
    expect(grownBy(rssBefore)).toBeLessThan(450);
    freshClient();
    await eventually(() => openFiles() <= filesBefore, { timeoutMs: 15_000, message: "the slow watch goes on" });
    reader.leave();

    const events = eventsOf((await unread?.readToEnd(10_000)) ?? Buffer.of());
    expect(events.length).toBeGreaterThan(0);
    expect(events.length).toBeLessThan(changes);
    const last = Number(events.at(-1)?.object.metadata.resourceVersion);
    const again = new IdleWatches();
    await again.openHttp2(access, `${configMaps}?watch=1&resourceVersion=${last}`, 1);
    const { type, object } = await eventually(() => again.watches[0]?.events[0]);
    if (type === "ERROR") expect(object).toMatchObject({ code: 410, reason: "Expired" });
    else expect(Number(object.metadata.resourceVersion)).toBeGreaterThan(last);
    again.leave();
  }, 60_000);

  it("lists keep nobody from an answer, and what they hold is given back when they leave", async () => {
    const big = "x".repeat(900_000);
    await Promise.all(Array.from({ length: 8 }, (_, at) => create(`big-${at}`, { big })));
    const [filesBefore, rssBefore] = [openFiles(), rssMib()];
    const unread = await Promise.all(Array.from({ length: 20 }, () => UnreadRequest.open(access, configMaps)));
    const started = performance.now();
    await revisionNow();
    // Long before any of them is cut off.
    expect(performance.now() - started).toBeLessThan(20_000);
    // Each holds its answer of 7 MiB until it is cut off.
    expect(grownBy(rssBefore)).toBeLessThan(20 * 25);
    for (const one of unread) one[Symbol.dispose]();
    await eventually(() => openFiles() <= filesBefore, { message: "connections stay open" });
  }, 30_000);

  it("a log of 500 MiB waits for its reader, and not in the gateway's memory", async () => {
    const pieceBytes = 64 * 1024;
    const pieces = 8_000;
    let given = 0;
    await using _served = await serveLog(async function* () {
      const data = Buffer.alloc(pieceBytes, "x");
      for (given = 0; given < pieces; given += 1) yield { data };
    });
    const spec = { nodeName: node, containers: [{ name: "c", image: "i" }] };
    await api.must("POST", "/api/v1/namespaces/default/pods", { body: { metadata: { name: "talker" }, spec } });
    const rssBefore = rssMib();
    const log = await api.open("GET", "/api/v1/namespaces/default/pods/talker/log?follow=true");
    let read = 0;
    let greatestAhead = 0;
    let mostGrown = 0;
    let sincePause = 0;
    for await (const chunk of log) {
      read += chunk.length;
      sincePause += chunk.length;
      if (sincePause < 16 * 1024 * 1024) continue;
      sincePause = 0;
      // Reads nothing for as long as everybody else would need to run far ahead.
      await systemClock.sleep(100);
      greatestAhead = Math.max(greatestAhead, given * pieceBytes - read);
      mostGrown = Math.max(mostGrown, grownBy(rssBefore));
    }
    expect(read).toBe(pieces * pieceBytes);
    expect(greatestAhead).toBeLessThan(64 * 1024 * 1024);
    expect(mostGrown).toBeLessThan(150);
  }, 60_000);
});

describe("bodies", () => {
  it.each<[string, object | Buffer, Record<string, string>, object]>([
    ["of more than 3 MiB", Buffer.alloc(3 * 2 ** 20 + 1, " "), {}, { code: 413, reason: "RequestEntityTooLarge" }],
    [
      "of unknown length, and more than 3 MiB",
      Buffer.alloc(8 * 2 ** 20, " "),
      { "transfer-encoding": "chunked" },
      { code: 413 },
    ],
    [
      "of a quarter of a gigabyte, zipped",
      gzipSync(Buffer.alloc(2 ** 28)),
      { "content-encoding": "gzip" },
      { code: 400, reason: "BadRequest" },
    ],
    [
      "with a hundred thousand errors",
      { metadata: { name: "e", finalizers: Array(100_000).fill("") } },
      {},
      { code: 422, reason: "Invalid" },
    ],
  ])("%s are refused", async (_sentence, body, headers, status) => {
    const before = rssMib();
    expect((await api.call("POST", configMaps, { body, headers })).body).toMatchObject({
      kind: "Status",
      status: "Failure",
      ...status,
    });
    expect(grownBy(before)).toBeLessThan(150);
  });
});

const grownBy = (before: number) => Math.round(rssMib() - before);

/** The whole events in the raw answer of a watch that was cut off. */
function eventsOf(answer: Buffer): WatchEvent[] {
  const lines = answer.toString().split("\n");
  const whole = lines.slice(0, -1).filter((line) => line.startsWith('{"type"'));
  return whole.map((line) => JSON.parse(line));
}
