import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { FakeClock } from "@podbus/clock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture } from "./gateway-fixture.ts";

let gateway: GatewayFixture;
const open: IncomingMessage[] = [];
beforeEach(async () => {
  gateway = await gatewayFixture();
});
afterEach(async () => {
  for (const response of open.splice(0)) response.destroy();
  await gateway[Symbol.asyncDispose]();
});

const path = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, labels: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels },
});

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
type Event = { type: string; object: any };

async function watch(query: string, headers: Record<string, string> = {}) {
  const response = await gateway.open("GET", `${path}?watch=true&${query}`, { headers });
  open.push(response);
  const lines = createInterface({ input: response })[Symbol.asyncIterator]();
  return {
    code: response.statusCode,
    next: async (): Promise<Event | undefined> => {
      const { value } = await lines.next();
      return value === undefined ? undefined : JSON.parse(value);
    },
    take: async (count: number) => {
      const seen: string[] = [];
      for (let i = 0; i < count; i++) {
        const { value = "" } = await lines.next();
        const { type, object }: Event = JSON.parse(value);
        seen.push(`${type} ${object.metadata?.name ?? object.rows?.[0]?.cells[0] ?? object.reason}`);
      }
      return seen;
    },
  };
}

async function revisionNow(): Promise<string> {
  return (await gateway.get(path)).body.metadata.resourceVersion;
}

describe("a watch", () => {
  it("shows every change after a version, in order", async () => {
    const events = await watch(`resourceVersion=${await revisionNow()}`);
    await gateway.post(path, configMap("a"));
    await gateway.patch(`${path}/a`, "merge", { data: { k: "v" } });
    await gateway.delete(`${path}/a`);
    expect(await events.take(3)).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
  });

  it("without a version begins with what is there", async () => {
    await gateway.post(path, configMap("a"));
    const events = await watch("");
    await gateway.post(path, configMap("b"));
    expect(await events.take(3)).toEqual(["ADDED a", "ADDED kube-root-ca.crt", "ADDED b"]);
  });

  it("of a selection shows what comes in and what goes out", async () => {
    const events = await watch(`resourceVersion=${await revisionNow()}&labelSelector=l%3D1`);
    await gateway.post(path, configMap("a"));
    await gateway.patch(`${path}/a`, "merge", { metadata: { labels: { l: "1" } } });
    await gateway.patch(`${path}/a`, "merge", { data: { k: "v" } });
    const { body } = await gateway.patch(`${path}/a`, "merge", { metadata: { labels: { l: "2" } } });
    expect(await events.take(2)).toEqual(["ADDED a", "MODIFIED a"]);
    const left = await events.next();
    expect(left).toMatchObject({ type: "DELETED", object: { metadata: { labels: { l: "1" } } } });
    expect(left?.object.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  it("of one name sees that one only", async () => {
    const events = await watch(`resourceVersion=${await revisionNow()}&fieldSelector=metadata.name%3Db`);
    await gateway.post(path, configMap("a"));
    await gateway.post(path, configMap("b"));
    expect(await events.take(1)).toEqual(["ADDED b"]);
  });

  it("ends at its time", async () => {
    const events = await watch(`resourceVersion=${await revisionNow()}&timeoutSeconds=1`);
    expect(await events.next()).toBeUndefined();
  });

  it("ends when the gateway stops", async () => {
    const events = await watch(`resourceVersion=${await revisionNow()}`);
    await gateway[Symbol.asyncDispose]();
    expect(await events.next()).toBeUndefined();
  });

  it("streams a list and says where it ends", async () => {
    const events = await watch("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
    expect(await events.take(1)).toEqual(["ADDED kube-root-ca.crt"]);
    expect(await events.next()).toMatchObject({
      type: "BOOKMARK",
      object: { kind: "ConfigMap", metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
    });
  });

  it("comes as tables, with the columns once", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const events = await watch("", { accept });
    await gateway.post(path, configMap("a"));
    const [first, second] = [await events.next(), await events.next()];
    expect(first).toMatchObject({
      type: "ADDED",
      object: { kind: "Table", rows: [{ cells: ["kube-root-ca.crt", 1, expect.any(String)] }] },
    });
    expect(first?.object.columnDefinitions.length).toBeGreaterThan(0);
    expect(second?.object.columnDefinitions).toEqual([]);
    expect(second?.object.rows[0].object.metadata.name).toBe("a");
  });

  it("is told the revision now and then, where it asked for that", async () => {
    await gateway[Symbol.asyncDispose]();
    const clock = new FakeClock(Date.now());
    gateway = await gatewayFixture({ clock });
    const events = await watch(`resourceVersion=${await revisionNow()}&allowWatchBookmarks=true`);
    await gateway.post("/api/v1/namespaces/default/secrets", { ...configMap("s"), kind: "Secret" });
    await clock.step(60_000);
    expect(await events.next()).toMatchObject({
      type: "BOOKMARK",
      object: { kind: "ConfigMap", metadata: { resourceVersion: String(gateway.store.cache.revision) } },
    });
  });

  it("from a version that is too old says so", async () => {
    await gateway[Symbol.asyncDispose]();
    gateway = await gatewayFixture({ windowSize: 4 });
    for (const name of ["a", "b", "c", "d", "e"]) await gateway.post(path, configMap(name));
    const events = await watch("resourceVersion=1");
    expect(events.code).toBe(200);
    expect(await events.next()).toMatchObject({
      type: "ERROR",
      object: { kind: "Status", code: 410, reason: "Expired" },
    });
    expect(await events.next()).toBeUndefined();
  });

  it.each(["resourceVersion=abc", "sendInitialEvents=true", "resourceVersion=1&resourceVersionMatch=Exact"])(
    "refuses %s",
    async (query) => {
      expect((await watch(query)).code).toBe(422);
    },
  );
});
