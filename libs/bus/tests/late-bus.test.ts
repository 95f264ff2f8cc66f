import { FakeClock } from "@podbus/clock";
import { ImagePuller, NodeApi } from "@podbus/contracts";
import { expect, test } from "vitest";
import { type Bus, createMemoryBus, lateBus } from "../src/index.ts";

const target = { node: "node-1" };
const images = {
  listImages: () => ({ images: [{ names: ["a"], sizeBytes: 1n }] }),
  async *ensureImage() {
    yield { update: { case: "image" as const, value: { imageRef: "sha256:1" } } };
  },
};

test("until the bus is there calls fail at once, and then the same client works", async () => {
  const hub = createMemoryBus({ clock: new FakeClock() });
  await using provider = await hub.bus("image-puller").serve(ImagePuller, target, images);
  const coming = Promise.withResolvers<Bus>();
  const client = lateBus(coming.promise).client(ImagePuller, target);
  const ensure = async () => {
    const seen: unknown[] = [];
    for await (const { update } of client.ensureImage({})) seen.push(update.case);
    return seen;
  };
  await expect(client.listImages({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  await expect(ensure()).rejects.toMatchObject({ code: "UNAVAILABLE" });
  coming.resolve(hub.bus("pod-lifecycle"));
  await coming.promise;
  expect((await client.listImages({})).images).toHaveLength(1);
  expect(await ensure()).toEqual(["image"]);
  expect(provider).toBeDefined();
});

test("serving waits for the bus", async () => {
  const hub = createMemoryBus({ clock: new FakeClock() });
  const coming = Promise.withResolvers<Bus>();
  const late = lateBus(coming.promise);
  const serving = late.serve(ImagePuller, target, images);
  expect(late.connected).toBe(false);
  coming.resolve(hub.bus("image-puller"));
  await using served = await serving;
  expect((await hub.bus("tests").client(ImagePuller, target).listImages({})).images).toHaveLength(1);
  expect(late.connected).toBe(true);
  expect(served).toBeDefined();
});

test("a bus that never comes fails who serves, and leaves callers as they are", async () => {
  const coming = Promise.withResolvers<Bus>();
  const late = lateBus(coming.promise);
  const serving = late.serve(ImagePuller, target, images);
  coming.reject(new Error("refused"));
  await expect(serving).rejects.toThrow("refused");
  await expect(late.client(NodeApi, target).renewLease({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
