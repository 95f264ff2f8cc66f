import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { type EnsuredImage, ImagePuller } from "@podbus/contracts";
import { buildBusyboxImage, importImage, pauseImage } from "@podbus/images";
import { createLogger } from "@podbus/telemetry";
import {
  eventually,
  memoryTracer,
  type RealContainer,
  startRealContainer,
  startRegistry,
  type TestRegistry,
} from "@podbus/testkit";
import { imagePullerConfig, startImagePuller } from "image-puller";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createCriInventory } from "../src/adapters/cri-inventory.ts";

/** A real containerd whose disk is too full for a threshold of 1%: all goes that is not in use. */
const node = "node-1";
const opened = new AsyncDisposableStack();
let registry: TestRegistry;
let running: RealContainer;
let client: Client<typeof ImagePuller>;

beforeAll(async () => {
  registry = opened.use(await startRegistry());
  running = opened.use(await startRealContainer("exec sleep 1000"));
  const stateDir = await mkdtemp(join(tmpdir(), "podbus-images-"));
  opened.defer(() => rm(stateDir, { recursive: true }));
  const hub = createMemoryBus({ clock: systemClock });
  const log = createLogger({ service: "image-puller", level: "silent" });
  const config = imagePullerConfig.parse({
    PODBUS_NODE_NAME: node,
    PODBUS_STATE_DIR: stateDir,
    PODBUS_CRI_ENDPOINT: running.containerd.endpoint,
    PODBUS_IMAGE_GC_HIGH_THRESHOLD: "1",
    PODBUS_IMAGE_GC_LOW_THRESHOLD: "0",
    PODBUS_IMAGE_GC_MIN_AGE: "1ms",
    PODBUS_IMAGE_GC_PERIOD: "100ms",
  });
  const tracer = opened.use(memoryTracer()).tracer("image-puller");
  const bus = opened.use(hub.bus("image-puller", { tracer }));
  opened.use(await startImagePuller({ bus, clock: systemClock, log, tracer }, config));
  client = opened.use(hub.bus("pod-lifecycle")).client(ImagePuller, { node });
}, 120_000);
afterAll(() => opened.disposeAsync(), 120_000);

async function ensure(image: string): Promise<EnsuredImage | undefined> {
  const request = { pod: { namespace: "shop", name: "web", uid: "u-1" }, containerName: "main", image };
  for await (const { update } of client.ensureImage({ ...request, pullPolicy: "IfNotPresent" })) {
    if (update.case === "image") return update.value;
  }
  return undefined;
}

const namesHere = async () => (await client.listImages({})).images.flatMap(({ names }) => names);
const isGone = (name: string) => eventually(async () => !(await namesHere()).includes(name), { timeoutMs: 10_000 });

it("an unused image goes and can be pulled again, those in use stay", async () => {
  const { name } = await registry.push(await buildBusyboxImage({ config: { Env: ["UNUSED=1"] } }), "shop/unused:1");
  expect(await ensure(name)).toMatchObject({ alreadyPresent: false });
  await isGone(name);
  expect(await ensure(name)).toMatchObject({ alreadyPresent: false });
  await isGone(name);
  expect(await namesHere()).toEqual(expect.arrayContaining(["localhost/podbus/busybox:1", pauseImage]));
  expect(await running.exec("echo", "alive")).toBe("alive\n");
});

it("knows what sandboxes and ended containers use, and what is pinned", async () => {
  const { cri } = running.containerd;
  await cri.runtime.stopContainer({ containerId: running.id, timeout: 0n });
  const { images, inUse } = await createCriInventory(cri).observe();
  expect(inUse).toContain(pauseImage);
  const used = images.find(({ names }) => names.includes("localhost/podbus/busybox:1"));
  expect(inUse).toContain(used?.id);
  expect(images.find(({ names }) => names.includes(pauseImage))).toMatchObject({ pinned: true });
});

it("an image with two names goes with both", async () => {
  const image = await buildBusyboxImage({ config: { Env: ["TWICE=1"] } });
  const names = ["localhost/twice/a:1", "localhost/twice/b:1"];
  for (const name of names) await importImage(image, { socket: running.containerd.socket, name });
  for (const name of names) await isGone(name);
});

it("the disk is the one of the runtime's images", async () => {
  const { capacityBytes, availableBytes } = await createCriInventory(running.containerd.cri).disk();
  expect(capacityBytes).toBeGreaterThan(availableBytes);
  expect(availableBytes).toBeGreaterThan(0n);
});
