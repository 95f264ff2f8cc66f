import { type Service, services } from "@podbus/kube";
import { expect, it } from "vitest";
import { nodeApiFixture } from "../node-api/node-api-fixture.ts";
import { allocate } from "../objects/allocate-service.ts";
import { objectKey } from "../objects/object-key.ts";
import { claimsResource } from "../objects/service-claims.ts";
import { ensureKubernetesService, followServices } from "./service-claims.ts";

const keyOf = (name: string) => objectKey(services, "default", name);

async function followed() {
  const gateway = await nodeApiFixture();
  const { ports, store } = gateway;
  await ensureKubernetesService(ports, 6443);
  const following = followServices(ports, 6443);
  return {
    ...gateway,
    uidOf: (name: string) => store.cache.get<Service>(keyOf(name))?.value.metadata.uid,
    /** Of each claim the uid of its Service. */
    owners: () =>
      Object.fromEntries(
        store.cache
          .list<{ metadata: object; service: { uid: string } }>(claimsResource)
          .items.map(({ key, value }) => [key.name, value.service.uid]),
      ),
    remove: (name: string) => store.delete(keyOf(name), store.cache.get(keyOf(name))?.revision ?? 0),
    [Symbol.asyncDispose]: async () => {
      await following[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

it("the Service kubernetes that was deleted is there again, and its address is the new one's", async () => {
  await using gateway = await followed();
  const before = gateway.uidOf("kubernetes");
  await gateway.remove("kubernetes");
  await expect.poll(() => gateway.uidOf("kubernetes")).toEqual(expect.any(String));
  expect(gateway.uidOf("kubernetes")).not.toBe(before);
  await expect.poll(() => Object.values(gateway.owners())).toEqual([gateway.uidOf("kubernetes")]);
});

it("any other that was deleted is gone, and what it had is free", async () => {
  await using gateway = await followed();
  const metadata = { name: "web", namespace: "default", uid: "u-web" };
  const object: Service = { apiVersion: "v1", kind: "Service", metadata, spec: { type: "ClusterIP" } };
  const allocated = await allocate(gateway.ports, { resource: services, object, dryRun: false });
  await gateway.store.create(keyOf("web"), allocated.object);
  expect(Object.values(gateway.owners())).toContain("u-web");
  await gateway.remove("web");
  await expect.poll(() => Object.values(gateway.owners())).toEqual([gateway.uidOf("kubernetes")]);
  expect(gateway.uidOf("web")).toBeUndefined();
});
