import { type LookupOptions, promises } from "node:dns";
import { systemClock } from "@podbus/clock";
import { describe, expect, it } from "vitest";
import { dialTcp } from "./dial-tcp.ts";
import { httpGet } from "./http-get.ts";
import { isMetadataAddress, lookupOutside } from "./metadata-addresses.ts";

describe("an address of metadata", () => {
  it.each([
    ["169.254.169.254", true],
    ["169.254.0.1", true],
    ["169.255.0.1", false],
    ["10.0.0.7", false],
    ["127.0.0.1", false],
    ["::ffff:169.254.169.254", true],
    ["fe80::1", true],
    ["fe80::1%eth0", true],
    ["fd00:ec2::254", true],
    ["fd00::7", false],
    ["168.63.129.16", true],
    ["100.100.100.200", true],
    ["metadata.google.internal", false],
  ])("%s: %s", (address, is) => {
    expect(isMetadataAddress(address)).toBe(is);
  });
});

const bounds = { clock: systemClock, timeoutMs: 5_000, signal: new AbortController().signal };
const refusal = "169.254.169.254 is a link-local or metadata address, which hooks and probes may not reach";

describe("what is not asked", () => {
  it("by HTTP", async () => {
    const action = {
      kind: "httpGet",
      host: "169.254.169.254",
      port: 80,
      path: "/",
      scheme: "http",
      headers: [],
    } as const;
    await expect(httpGet(action, { purpose: "probe", ...bounds })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: `Get "http://169.254.169.254:80/": ${refusal}`,
    });
  });

  it("by TCP", async () => {
    await expect(dialTcp({ kind: "tcpSocket", host: "169.254.169.254", port: 80 }, bounds)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: refusal,
    });
  });

  it.each(["2852039166", "0xa9fea9fe", "169.254.43518"])("by another way to write it, %s", async (host) => {
    const action = { kind: "httpGet", host, port: 80, path: "/", scheme: "http", headers: [] } as const;
    await expect(httpGet(action, { purpose: "lifecycle", ...bounds })).rejects.toMatchObject({
      message: `Get "http://${host}:80/": ${refusal}`,
    });
    await expect(dialTcp({ kind: "tcpSocket", host, port: 80 }, bounds)).rejects.toMatchObject({ message: refusal });
  });

  it("unless the node allows it", async () => {
    const stop = new AbortController();
    const asked = dialTcp(
      { kind: "tcpSocket", host: "169.254.169.254", port: 80 },
      { ...bounds, signal: stop.signal, metadata: "allowed" },
    );
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: "CANCELLED" });
  });
});

describe("looking up a name", () => {
  const found = (options: LookupOptions) =>
    new Promise((resolve, reject) => {
      lookupOutside("localhost", options, (error, address) => (error ? reject(error) : resolve(address)));
    });

  it("answers as the system does", async () => {
    const [first] = await promises.lookup("localhost", { all: true });
    expect(await found({})).toBe(first?.address);
    expect(await found({ all: true })).toContainEqual(first);
  });
});
