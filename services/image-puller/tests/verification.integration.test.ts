import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { type EnsuredImage, ImagePuller } from "@podbus/contracts";
import { buildBusyboxImage, importImage } from "@podbus/images";
import { createLogger } from "@podbus/telemetry";
import { memoryTracer, startContainerd, startRegistry, type TestContainerd, type TestRegistry } from "@podbus/testkit";
import { imagePullerConfig, startImagePuller } from "image-puller";
import { afterAll, beforeAll, expect, it } from "vitest";

/** Images that are in a real containerd before the service is, under different policies and over restarts. */
const node = "node-1";
const opened = new AsyncDisposableStack();
let registry: TestRegistry;
let containerd: TestContainerd;
let stateDir: string;

beforeAll(async () => {
  registry = opened.use(await startRegistry());
  containerd = opened.use(await startContainerd());
  stateDir = await mkdtemp(join(tmpdir(), "podbus-verification-"));
  opened.defer(() => rm(stateDir, { recursive: true }));
}, 120_000);
afterAll(() => opened.disposeAsync(), 120_000);

/** A service that lives for one question. */
async function ask(verification: string, image: string, pullPolicy: string): Promise<EnsuredImage | undefined> {
  await using stack = new AsyncDisposableStack();
  const hub = createMemoryBus({ clock: systemClock });
  const tracer = stack.use(memoryTracer()).tracer("image-puller");
  const log = createLogger({ service: "image-puller", level: "silent" });
  const config = imagePullerConfig.parse({
    PODBUS_NODE_NAME: node,
    PODBUS_STATE_DIR: stateDir,
    PODBUS_CRI_ENDPOINT: containerd.endpoint,
    PODBUS_IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY: verification,
  });
  const bus = stack.use(hub.bus("image-puller", { tracer }));
  stack.use(await startImagePuller({ bus, clock: systemClock, log, tracer }, config));
  const client = stack.use(hub.bus("pod-lifecycle")).client(ImagePuller, { node });
  const pod = { namespace: "shop", name: "web", uid: "u-1" };
  const stream = client.ensureImage({ pod, containerName: "main", image, pullPolicy }, { timeoutMs: 50_000 });
  for await (const { update } of stream) if (update.case === "image") return update.value;
  return undefined;
}

it("an image that was here before is for everybody, unless all are verified", { timeout: 60_000 }, async () => {
  const image = await buildBusyboxImage({ config: { Env: ["BEFORE=1"] } });
  const name = `${registry.host}/shop/before:1`;
  await importImage(image, { socket: containerd.socket, name });
  const here = await ask("NeverVerifyPreloadedImages", name, "Never");
  expect(here).toMatchObject({ alreadyPresent: true });
  await expect(ask("AlwaysVerify", name, "Never")).rejects.toMatchObject({ reason: "ErrImageNeverPull" });
  await expect(ask("AlwaysVerify", name, "IfNotPresent")).rejects.toMatchObject({ reason: "ErrImagePull" });
  // A refused pull changes nothing for those who need none.
  expect(await ask("NeverVerifyPreloadedImages", name, "Never")).toMatchObject({ alreadyPresent: true });
  await registry.push(image, "shop/before:1");
  expect(await ask("AlwaysVerify", name, "IfNotPresent")).toMatchObject({
    alreadyPresent: false,
    imageRef: here?.imageRef,
  });
  expect(await ask("AlwaysVerify", name, "Never")).toMatchObject({ alreadyPresent: true });
});
