import { readdirSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { createInterface } from "node:readline";
import { eventually } from "@podbus/testkit";
import { type KubeAccess, readKubeAccess } from "podbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usageOf } from "../bench/process-usage.ts";
import { ApiClient } from "../support/api-client.ts";
import { SeparateServices } from "../support/separate-services.ts";

/** Clients that only wait, and clients that do not read: what they cost the gateway, in a process of its own, and the others. */
let deployment: SeparateServices;
let access: KubeAccess;
let api: ApiClient;

beforeAll(async () => {
  deployment = await SeparateServices.start([], ["nats-server", "api-gateway", "scheduler-admission"]);
  access = await readKubeAccess(deployment.kubeconfig);
  api = new ApiClient(access);
}, 60_000);
afterAll(async () => {
  api?.[Symbol.dispose]();
  await deployment?.[Symbol.asyncDispose]();
});

const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
const gatewayPid = () => {
  const pid = deployment.pidOf("api-gateway");
  if (pid === undefined) throw new Error("the gateway does not run");
  return pid;
};
const openFiles = () => readdirSync(`/proc/${gatewayPid()}/fd`).length;

/** 500 connections of HTTP/1.1, and 500 streams in ten sessions of HTTP/2; calls back with what each has read. */
async function openWatches(path: string, onData: (watch: number, text: string) => void): Promise<Disposable> {
  const opened = new DisposableStack();
  for (let index = 0; index < 500; index += 1) {
    const response = await api.open("GET", path);
    expect(response.statusCode).toBe(200);
    response.on("data", (chunk: Buffer) => onData(index, chunk.toString()));
    // Cut off at the end, on purpose.
    response.on("error", () => {});
    opened.defer(() => response.destroy());
  }
  const sessions = Array.from({ length: 10 }, () => {
    const session = connect(access.apiUrl, { ca: access.ca, cert: access.cert, key: access.key });
    opened.defer(() => session.destroy());
    return session;
  });
  for (let index = 0; index < 500; index += 1) {
    const stream = sessions[index % sessions.length]?.request({ ":path": path });
    if (!stream) throw new Error("no session");
    stream.on("data", (chunk: Buffer) => onData(500 + index, chunk.toString()));
    await new Promise((resolve, reject) => stream.once("response", resolve).once("error", reject));
  }
  return opened;
}

describe("1,000 idle watches", () => {
  it("cost little memory, hear of the next change, and leave nothing behind", async () => {
    const path = `${leases}?watch=true&fieldSelector=metadata.name%3Dquiet`;
    const before = { ...usageOf(gatewayPid()), files: openFiles() };
    const heard = new Set<number>();
    const watches = await openWatches(path, (watch, text) => {
      if (text.includes('"type":"ADDED"')) heard.add(watch);
    });
    const perWatchKib = ((usageOf(gatewayPid()).rssMib - before.rssMib) * 1024) / 1_000;
    // A TLS connection is most of it.
    expect(perWatchKib).toBeLessThan(200);
    await api.must("POST", leases, { body: { metadata: { name: "quiet" }, spec: {} } });
    await eventually(() => heard.size === 1_000, {
      timeoutMs: 20_000,
      message: "not every watch has heard of the change",
    });
    watches[Symbol.dispose]();
    await eventually(() => openFiles() <= before.files + 10, {
      timeoutMs: 20_000,
      message: "connections are left open",
    });
  });
});

describe("a client that does not read", () => {
  const updates = 7_000;
  const filler = "x".repeat(4_000);

  it("costs the gateway no memory and the others no time; when it reads again, it is told to list again", async () => {
    const writers = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for (const name of writers) await api.must("POST", leases, { body: { metadata: { name }, spec: {} } });
    const { metadata } = await api.must("GET", leases);
    const path = `${leases}?watch=true&resourceVersion=${metadata.resourceVersion}`;
    const sleepers = await Promise.all(Array.from({ length: 20 }, () => api.open("GET", path)));
    for (const sleeper of sleepers) sleeper.pause();
    let seen = 0;
    const reader = await api.open("GET", path);
    reader.on("error", () => {});
    createInterface({ input: reader }).on("line", () => {
      seen += 1;
    });
    const before = usageOf(gatewayPid()).rssMib;
    let next = 0;
    const write = async (name: string) => {
      while (next < updates) {
        const body = { metadata: { annotations: { turn: String(next++), filler } } };
        await api.must("PATCH", `${leases}/${name}`, { contentType: "application/merge-patch+json", body });
      }
    };
    await Promise.all(writers.map(write));
    await eventually(() => seen === updates, { timeoutMs: 20_000, message: "the reader has not seen every change" });
    // Twenty of them would hold 28 MiB each if the gateway buffered for them.
    expect(usageOf(gatewayPid()).rssMib - before).toBeLessThan(250);

    const ends = await Promise.all(sleepers.map(lastLine));
    for (const end of ends) {
      expect(JSON.parse(end)).toMatchObject({
        type: "ERROR",
        object: { kind: "Status", code: 410, reason: "Expired" },
      });
    }
    reader.destroy();
  }, 120_000);
});

async function lastLine(response: IncomingMessage): Promise<string> {
  let last = "";
  for await (const line of createInterface({ input: response })) last = line;
  return last;
}
