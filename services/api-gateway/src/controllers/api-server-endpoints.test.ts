import { type EndpointSlice, type Endpoints, endpointSlices, endpointsResource } from "@podbus/kube";
import { expect, it } from "vitest";
import type { ApiServerAddress } from "../domain/api-server-endpoints.ts";
import { nodeApiFixture } from "../node-api/node-api-fixture.ts";
import { objectKey } from "../objects/object-key.ts";
import { keepApiServerEndpoints } from "./api-server-endpoints.ts";

const endpointsKey = objectKey(endpointsResource, "default", "kubernetes");
const sliceKey = objectKey(endpointSlices, "default", "kubernetes");
const one = { ip: "192.0.2.1", port: 6443 };
const two = { ip: "192.0.2.2", port: 6443 };

/** A store with replicas of the gateway, each of which can die. */
async function cluster() {
  const gateway = await nodeApiFixture();
  const stack = new AsyncDisposableStack();
  stack.use(gateway);
  const start = async (own: ApiServerAddress | undefined) => {
    const stop = new AbortController();
    const running = keepApiServerEndpoints(gateway.ports, own, stop.signal);
    const end = async () => {
      stop.abort();
      await running;
    };
    stack.defer(end);
    await gateway.clock.step(0);
    return end;
  };
  const endpoints = () => gateway.store.cache.get<Endpoints>(endpointsKey);
  const slice = () => gateway.store.cache.get<EndpointSlice>(sliceKey);
  return {
    ...gateway,
    start,
    endpoints,
    slice,
    addresses: () => [
      endpoints()?.value.subsets?.flatMap((subset) => subset.addresses?.map(({ ip }) => ip) ?? []),
      slice()?.value.endpoints.flatMap((each) => each.addresses),
    ],
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

it("the Service kubernetes has the address of the API server, in both kinds", async () => {
  await using gateway = await cluster();
  await gateway.start(one);
  const ports = [{ name: "https", port: 6443, protocol: "TCP" }];
  expect(gateway.endpoints()?.value).toMatchObject({
    kind: "Endpoints",
    metadata: { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
    subsets: [{ addresses: [{ ip: "192.0.2.1" }], ports }],
  });
  expect(gateway.slice()?.value).toMatchObject({
    kind: "EndpointSlice",
    metadata: { labels: { "kubernetes.io/service-name": "kubernetes" }, generation: 1 },
    addressType: "IPv4",
    endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: true } }],
    ports,
  });
});

it("has none where nobody else reaches it", async () => {
  await using gateway = await cluster();
  await gateway.start(undefined);
  expect(gateway.addresses()).toEqual([[], []]);
});

it("is written where something changes only", async () => {
  await using gateway = await cluster();
  await gateway.start(one);
  const revisions = () => [gateway.endpoints()?.revision, gateway.slice()?.revision];
  const before = revisions();
  await gateway.clock.step(60_000);
  expect(revisions()).toEqual(before);
});

it("has all replicas; one that falls silent is gone 30 to 40 seconds later, one that lives stays", async () => {
  await using gateway = await cluster();
  await gateway.start(one);
  const uid = gateway.slice()?.value.metadata.uid;
  const kill = await gateway.start(two);
  expect(gateway.addresses()).toEqual([
    ["192.0.2.1", "192.0.2.2"],
    ["192.0.2.1", "192.0.2.2"],
  ]);
  await kill();
  for (let i = 0; i < 3; i += 1) await gateway.clock.step(10_000);
  expect(gateway.addresses()[0]).toEqual(["192.0.2.1", "192.0.2.2"]);
  await gateway.clock.step(10_000);
  expect(gateway.addresses()).toEqual([["192.0.2.1"], ["192.0.2.1"]]);
  expect(gateway.slice()?.value.metadata).toMatchObject({ uid, generation: 3 });
});

it.each([endpointsKey, sliceKey])("is there again 10 seconds after somebody deleted $resource", async (key) => {
  await using gateway = await cluster();
  await gateway.start(one);
  await gateway.store.delete(key, gateway.store.cache.get(key)?.revision ?? 0);
  await gateway.clock.step(10_000);
  expect(gateway.addresses()).toEqual([["192.0.2.1"], ["192.0.2.1"]]);
});

it("is put right where somebody else wrote it", async () => {
  await using gateway = await cluster();
  await gateway.start(one);
  const stored = gateway.endpoints();
  await gateway.store.update(
    endpointsKey,
    { ...stored?.value, subsets: [] } as unknown as Endpoints,
    stored?.revision ?? 0,
  );
  await gateway.clock.step(10_000);
  expect(gateway.addresses()[0]).toEqual(["192.0.2.1"]);
});
