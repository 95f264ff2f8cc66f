import { FakeClock } from "@podbus/clock";
import { type Service, services } from "@podbus/kube";
import { createMemoryStore, type ObjectStore } from "@podbus/store";
import { createLogger } from "@podbus/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAddressRange } from "../domain/service-claims.ts";
import { allocate } from "./allocate-service.ts";
import { objectKey } from "./object-key.ts";
import { claimsResource, releaseStale } from "./service-claims.ts";

let clock: FakeClock;
let store: ObjectStore;
beforeEach(() => {
  clock = new FakeClock();
  store = createMemoryStore({ clock });
});
afterEach(() => store[Symbol.asyncDispose]());

const ports = (cidr = "10.96.0.0/28", last = 30_003) => ({
  store,
  clock,
  log: createLogger({ service: "api-gateway", level: "silent" }),
  serviceRanges: {
    addresses: parseAddressRange(cidr) ?? expect.fail("no range"),
    nodePorts: { first: 30_000, last },
  },
});
const service = (name: string, spec: Service["spec"] = {}): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default", uid: `uid-${name}` },
  spec: { type: "ClusterIP", ports: [{ port: 80, protocol: "TCP" }], ...spec },
});
const keyOf = ({ metadata }: Service) => objectKey(services, "default", metadata.name);
const claims = () =>
  store.cache
    .list(claimsResource)
    .items.map(({ key }) => key.name)
    .toSorted();

async function create(subject: Service, at = ports()): Promise<Service> {
  const allocated = await allocate(at, { resource: services, object: subject, dryRun: false });
  await store.create(keyOf(subject), allocated.object);
  await allocated.settle();
  return allocated.object;
}

async function update(previous: Service, object: Service): Promise<Service> {
  const allocated = await allocate(ports(), { resource: services, object, previous, dryRun: false });
  await store.update(keyOf(object), allocated.object, store.cache.get(keyOf(object))?.revision ?? 0);
  await allocated.settle();
  return allocated.object;
}

describe("a Service", () => {
  it("gets an address, and node ports where its type has them", async () => {
    const { spec } = await create(service("web", { type: "NodePort" }));
    expect(spec.clusterIP).toMatch(/^10\.96\.0\.([2-9]|1[0-4])$/);
    expect(spec.clusterIPs).toEqual([spec.clusterIP]);
    const [port] = spec.ports ?? [];
    expect(port?.nodePort).toBeGreaterThanOrEqual(30_000);
    expect(claims()).toEqual([`ip.${spec.clusterIP}`, `port.${port?.nodePort}`]);
  });

  it("gets none that it has no use for", async () => {
    await create(service("headless", { clusterIP: "None", clusterIPs: ["None"] }));
    await create(service("name", { type: "ExternalName", externalName: "example.com" }));
    expect(claims()).toEqual([]);
  });

  it("gets what it asks for, unless another has it", async () => {
    const asked = { clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.9"] };
    expect((await create(service("first", asked))).spec.clusterIP).toBe("10.96.0.9");
    await expect(create(service("second", asked))).rejects.toMatchObject({
      status: {
        code: 422,
        message: expect.stringContaining("failed to allocate IP 10.96.0.9: provided IP is already allocated"),
      },
    });
    const port = (nodePort: number) => ({ type: "NodePort", ports: [{ port: 80, nodePort }] });
    await create(service("third", port(30_001)));
    await expect(create(service("fourth", port(30_001)))).rejects.toMatchObject({
      status: {
        message: expect.stringContaining(
          "spec.ports[0].nodePort: Invalid value: 30001: provided port is already allocated",
        ),
      },
    });
    await expect(create(service("fifth", port(80)))).rejects.toMatchObject({
      status: { message: expect.stringContaining("The range of valid ports is 30000-30003") },
    });
    // Nothing of those that were refused stays behind.
    expect(claims()).toHaveLength(3);
  });

  it("gives back what it needs no longer when it changes", async () => {
    const first = await create(service("web", { type: "NodePort" }));
    const { clusterIP = "", clusterIPs = [] } = first.spec;
    const plain: Service = { ...first, spec: { type: "ClusterIP", clusterIP, clusterIPs, ports: [{ port: 80 }] } };
    const second = await update(first, plain);
    expect(claims()).toEqual([`ip.${clusterIP}`]);
    await update(second, { ...first, spec: { type: "ExternalName", externalName: "example.com" } });
    expect(claims()).toEqual([]);
  });

  it("is not stored after all: what it was given is free again", async () => {
    const request = { resource: services, object: service("web", { type: "NodePort" }), dryRun: false };
    const allocated = await allocate(ports(), request);
    expect(claims()).toHaveLength(2);
    await allocated.undo();
    expect(claims()).toEqual([]);
  });

  it("that is only tried gets nothing that lasts", async () => {
    const { object } = await allocate(ports(), { resource: services, object: service("web"), dryRun: true });
    expect(object.spec.clusterIP).toMatch(/^10\.96\.0\./);
    expect(claims()).toEqual([]);
  });
});

describe("two writes of one Service that ask for the same port", () => {
  const door: Service["spec"] = { type: "NodePort", ports: [{ port: 80, nodePort: 30_001 }] };
  const ask = (previous: Service) =>
    allocate(ports(), {
      resource: services,
      object: { ...previous, spec: { ...previous.spec, ...door } },
      previous,
      dryRun: false,
    });

  it.each(["first", "second"])("the %s is stored, the other one leaves it the port", async (winner) => {
    const plain = await create(service("web"));
    const both = [await ask(plain), await ask(plain)];
    const [stored, overtaken] = winner === "first" ? both : both.reverse();
    await store.update(keyOf(plain), stored?.object ?? plain, store.cache.get(keyOf(plain))?.revision ?? 0);
    await stored?.settle();
    await overtaken?.undo();
    expect(claims()).toContain("port.30001");
    await expect(create(service("other", door))).rejects.toMatchObject({ status: { code: 422 } });
  });

  it("one drops it and is slow to say so: who asked again has it", async () => {
    const open = await create(service("web", door));
    const plain = { ...open, spec: { ...open.spec, type: "ClusterIP", ports: [{ port: 80 }] } };
    const request = { resource: services, object: plain, previous: open, dryRun: false };
    const dropping = await allocate(ports(), request);
    const { revision } = await store.update(keyOf(open), dropping.object, store.cache.get(keyOf(open))?.revision ?? 0);
    const again = await ask(dropping.object);
    await store.update(keyOf(open), again.object, revision);
    await again.settle();
    await dropping.settle();
    expect(claims()).toContain("port.30001");
  });
});

it("two gateways give nothing out twice, and the last one is told that there is no more", async () => {
  const [one, other] = [ports(), ports()];
  const names = Array.from({ length: 13 }, (_, at) => `svc-${at}`);
  const made = await Promise.all(names.map((name, at) => create(service(name), at % 2 ? one : other)));
  const addresses = made.map(({ spec }) => spec.clusterIP);
  expect(new Set(addresses).size).toBe(13);
  expect(addresses).not.toContain("10.96.0.1");
  await expect(create(service("late"))).rejects.toMatchObject({
    status: { code: 500, message: expect.stringContaining("failed to allocate a serviceIP: range is full") },
  });
});

describe("a claim whose Service is not there", () => {
  const asked = { clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.9"] };
  const dies = () => allocate(ports(), { resource: services, object: service("lost", asked), dryRun: false });

  it("stands for a minute: its maker may be about to store it", async () => {
    await dies();
    await releaseStale(ports());
    await expect(create(service("next", asked))).rejects.toMatchObject({ status: { code: 422 } });
    expect(claims()).toEqual(["ip.10.96.0.9"]);
  });

  it("then goes to who asks for it, or to nobody", async () => {
    await dies();
    await clock.step(61_000);
    expect((await create(service("next", asked))).spec.clusterIP).toBe("10.96.0.9");
    await clock.step(61_000);
    await releaseStale(ports());
    expect(claims()).toEqual(["ip.10.96.0.9"]);
    const stored = store.cache.get(keyOf(service("next")));
    await store.delete(keyOf(service("next")), stored?.revision ?? 0);
    await releaseStale(ports());
    expect(claims()).toEqual([]);
  });
});
