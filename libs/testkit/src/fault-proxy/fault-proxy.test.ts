import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "./fault.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

const opened = new AsyncDisposableStack();
let registry: FaultProxy;
let proxy: FaultProxy;

beforeAll(async () => {
  registry = opened.use(await startFaultProxy());
  registry.inject({
    fault: { kind: "answer", status: 200, headers: { "content-length": "10" }, body: "0123456789" },
  });
  proxy = opened.use(await startFaultProxy({ registryUrl: registry.url }));
});
afterAll(() => opened.disposeAsync());

async function ask(path = "/v2/app/blobs/1", init: RequestInit = {}): Promise<string> {
  try {
    const response = await fetch(proxy.url + path, { redirect: "manual", ...init });
    return `${response.status} ${await response.text()}`;
  } catch (error) {
    return String(error);
  }
}

describe("a fault", () => {
  const table: [string, Fault, string | RegExp][] = [
    ["answer", { kind: "answer", status: 403, body: "no" }, "403 no"],
    ["drop", { kind: "drop" }, /fetch failed/],
    ["alter", { kind: "alter", body: (bytes) => Buffer.from(bytes.toString().replace("5", "X")) }, "200 01234X6789"],
    ["alter, with a shorter body", { kind: "alter", body: (bytes) => bytes.subarray(5) }, /terminated/],
    ["cut", { kind: "cut", afterBytes: 5 }, /terminated/],
    ["slow", { kind: "slow", chunkBytes: 3, everyMs: 1 }, "200 0123456789"],
  ];
  it.each(table)("%s", async (_kind, fault, expected) => {
    proxy.inject({ fault });
    expect(await ask()).toMatch(expected);
    proxy.heal();
    expect(await ask()).toBe("200 0123456789");
  });

  it("hang: until the client gives up", async () => {
    proxy.inject({ fault: { kind: "hang" } });
    const leaving = new AbortController();
    const asked = ask("/", { signal: leaving.signal });
    await expect.poll(() => proxy.open).toBe(1);
    leaving.abort();
    expect(await asked).toMatch(/abort/i);
    await expect.poll(() => proxy.open).toBe(0);
    proxy.heal();
  });

  it("halt: in the middle of what is large, until it may go on", async () => {
    const { promise: until, resolve } = Promise.withResolvers<void>();
    proxy.inject({ fault: { kind: "halt", fromBytes: 10, until } });
    proxy.inject({ when: ({ path }) => path === "/small", fault: { kind: "halt", fromBytes: 11, until } });
    expect(await ask("/small")).toBe("200 0123456789");
    const asked = ask();
    await expect.poll(() => proxy.open).toBe(1);
    resolve();
    expect(await asked).toBe("200 0123456789");
    proxy.heal();
  });

  it("is for the requests that it is meant for, as often as it is meant, and the last one wins", async () => {
    proxy.inject({ fault: { kind: "answer", status: 500 } });
    proxy.inject({ when: ({ path }) => path === "/a", times: 1, fault: { kind: "answer", status: 429 } });
    expect([await ask("/a"), await ask("/a"), await ask("/b")]).toEqual(["429 ", "500 ", "500 "]);
    proxy.heal();
  });
});

it("who asked is written down, and of credentials only whose they are", async () => {
  proxy.takeRequests();
  await ask("/v2/?a=1", { headers: { authorization: `Basic ${btoa("ada:s3cret")}` } });
  await ask("/v2/", { headers: { authorization: "Bearer t-1" } });
  await ask("/token", { method: "POST", body: new URLSearchParams({ username: "ada", password: "s3cret" }) });
  await ask("/v2/");
  const { host } = proxy;
  expect(proxy.takeRequests()).toEqual([
    { method: "GET", path: "/v2/", host, authorization: "user ada" },
    { method: "GET", path: "/v2/", host, authorization: "token t-1" },
    { method: "POST", path: "/token", host, authorization: "user ada" },
    { method: "GET", path: "/v2/", host, authorization: "" },
  ]);
  expect(proxy.takeRequests()).toEqual([]);
});
