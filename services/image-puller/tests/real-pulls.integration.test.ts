import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { type EnsuredImage, ImagePuller } from "@podbus/contracts";
import { buildBusyboxImage, buildIndex } from "@podbus/images";
import { createLogger } from "@podbus/telemetry";
import {
  freePort,
  memoryTracer,
  startContainerd,
  startRegistry,
  type TestContainerd,
  type TestRegistry,
} from "@podbus/testkit";
import { imagePullerConfig, startImagePuller } from "image-puller";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** A real containerd pulls from a real registry. */
const node = "node-1";
const opened = new AsyncDisposableStack();
let registry: TestRegistry;
let containerd: TestContainerd;
let client: Client<typeof ImagePuller>;

beforeAll(async () => {
  registry = opened.use(await startRegistry());
  containerd = opened.use(await startContainerd({ plainHttpRegistries: [registry.host] }));
  const stateDir = await mkdtemp(join(tmpdir(), "podbus-images-"));
  opened.defer(() => rm(stateDir, { recursive: true }));
  const hub = createMemoryBus({ clock: systemClock });
  const tracer = opened.use(memoryTracer()).tracer("image-puller");
  const log = createLogger({ service: "image-puller", level: "silent" });
  const config = imagePullerConfig.parse({
    PODBUS_NODE_NAME: node,
    PODBUS_STATE_DIR: stateDir,
    PODBUS_CRI_ENDPOINT: containerd.endpoint,
  });
  const bus = opened.use(hub.bus("image-puller", { tracer }));
  opened.use(await startImagePuller({ bus, clock: systemClock, log, tracer }, config));
  client = opened.use(hub.bus("pod-lifecycle")).client(ImagePuller, { node });
}, 120_000);
afterAll(() => opened.disposeAsync(), 120_000);

async function ensure(
  image: string,
  more: { pullPolicy?: string; uid?: string } = {},
): Promise<EnsuredImage | undefined> {
  const { pullPolicy = "IfNotPresent", uid = "u-1" } = more;
  const pod = { namespace: "shop", name: "web", uid };
  const stream = client.ensureImage({ pod, containerName: "main", image, pullPolicy }, { timeoutMs: 50_000 });
  for await (const { update } of stream) if (update.case === "image") return update.value;
  return undefined;
}

describe("an image of the registry", () => {
  it("is pulled once for calls at the same time, then present, then listed", async () => {
    const { name, digest } = await registry.push(await buildBusyboxImage(), "shop/app:1");
    const [first, second] = await Promise.all([ensure(name, { uid: "u-1" }), ensure(name, { uid: "u-2" })]);
    const repository = name.replace(/:1$/, "");
    expect(first).toMatchObject({ alreadyPresent: false, repoDigest: `${repository}@${digest}` });
    expect(first?.imageRef).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(first?.sizeBytes).toBeGreaterThan(100_000n);
    expect(second).toMatchObject({ imageRef: first?.imageRef, pullMs: first?.pullMs });
    expect(await ensure(name, { pullPolicy: "Never" })).toMatchObject({
      alreadyPresent: true,
      imageRef: first?.imageRef,
    });
    expect(await ensure(`${repository}@${digest}`)).toMatchObject({ alreadyPresent: true });
    const { images } = await client.listImages({});
    expect(images.find(({ names }) => names.includes(name))?.names).toContain(`${repository}@${digest}`);
  });

  it("that moved is found with the policy Always, and not with IfNotPresent", async () => {
    const { name } = await registry.push(await buildBusyboxImage(), "shop/moving:1");
    const before = await ensure(name);
    await registry.push(await buildBusyboxImage({ config: { Env: ["MOVED=1"] } }), "shop/moving:1");
    expect((await ensure(name))?.imageRef).toBe(before?.imageRef);
    const after = await ensure(name, { pullPolicy: "Always" });
    expect(after?.imageRef).not.toBe(before?.imageRef);
  });
});

it("an image that is named by its digest stays what it was when its tag moves", async () => {
  const { name, digest } = await registry.push(await buildBusyboxImage({ config: { Env: ["OLD=1"] } }), "shop/fixed:1");
  const byDigest = `${name.replace(/:1$/, "")}@${digest}`;
  const before = await ensure(name);
  await registry.push(await buildBusyboxImage({ config: { Env: ["NEW=1"] } }), "shop/fixed:1");
  expect((await ensure(name, { pullPolicy: "Always" }))?.imageRef).not.toBe(before?.imageRef);
  expect((await ensure(byDigest, { pullPolicy: "Always" }))?.imageRef).toBe(before?.imageRef);
});

describe("an image that cannot be had", () => {
  it("unknown", async () => {
    await expect(ensure(`${registry.host}/shop/unknown:1`)).rejects.toMatchObject({
      code: "NOT_FOUND",
      reason: "ErrImagePull",
      message: expect.stringMatching(
        / because the registry has no such image \(404 Not Found\): .*not found \(attempt 1, next try at .*\)$/,
      ),
    });
  });

  it("for another platform", async () => {
    const foreign = await buildBusyboxImage({ platform: { os: "linux", architecture: "s390x" } });
    const { name } = await registry.push(buildIndex([foreign]), "shop/foreign:1");
    await expect(ensure(name)).rejects.toMatchObject({
      reason: "ErrImagePull",
      message: expect.stringContaining("no match for platform in manifest"),
    });
  });

  it("behind a registry that nobody runs", async () => {
    const host = `127.0.0.1:${await freePort()}`;
    await expect(ensure(`${host}/app:1`)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      reason: "RegistryUnavailable",
      message: expect.stringContaining("connect: connection refused"),
    });
  });

  it("behind a host that does not exist", async () => {
    await expect(ensure("registry.invalid/app:1")).rejects.toMatchObject({ reason: "RegistryUnavailable" });
  });
});

it("survives a runtime that dies and comes back, without a back-off", { timeout: 60_000 }, async () => {
  const { name } = await registry.push(await buildBusyboxImage({ config: { Env: ["LATER=1"] } }), "shop/later:1");
  await containerd.kill();
  await expect(ensure(name, { pullPolicy: "Always" })).rejects.toMatchObject({
    code: "UNAVAILABLE",
    reason: "ErrImagePull",
  });
  await containerd.restart();
  expect(await ensure(name, { pullPolicy: "Always" })).toMatchObject({ alreadyPresent: false });
});
