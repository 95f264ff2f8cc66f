import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { type EnsureImageResponse, ImagePuller, PullMonitor } from "@podbus/contracts";
import { createContentStore } from "@podbus/cri";
import { buildBusyboxImage } from "@podbus/images";
import { createLogger } from "@podbus/telemetry";
import {
  type HaltingRegistry,
  type MemoryTracer,
  memoryTracer,
  startContainerd,
  startHaltingRegistry,
  startRegistry,
  type TestRegistry,
} from "@podbus/testkit";
import { imagePullerConfig, startImagePuller } from "image-puller";
import { afterAll, beforeAll, expect, it } from "vitest";

/** What a real containerd tells of a pull that stops half-way. */
const node = "node-1";
const opened = new AsyncDisposableStack();
let endpoint: string;
let registry: TestRegistry;
let spans: MemoryTracer;
let puller: Client<typeof ImagePuller>;
let monitor: Client<typeof PullMonitor>;

beforeAll(async () => {
  registry = opened.use(await startRegistry());
  const containerd = opened.use(await startContainerd());
  endpoint = containerd.endpoint;
  spans = opened.use(memoryTracer());
  const stateDir = await mkdtemp(join(tmpdir(), "podbus-images-"));
  opened.defer(() => rm(stateDir, { recursive: true }));
  const hub = createMemoryBus({ clock: systemClock });
  const log = createLogger({ service: "image-puller", level: "silent" });
  const tracer = spans.tracer("image-puller");
  const config = imagePullerConfig.parse({
    PODBUS_NODE_NAME: node,
    PODBUS_STATE_DIR: stateDir,
    PODBUS_CRI_ENDPOINT: endpoint,
  });
  const bus = opened.use(hub.bus("image-puller", { tracer }));
  opened.use(await startImagePuller({ bus, clock: systemClock, log, tracer }, config));
  puller = opened.use(hub.bus("pod-lifecycle")).client(ImagePuller, { node });
  monitor = opened.use(hub.bus("admin")).client(PullMonitor, { node });
}, 120_000);
afterAll(() => opened.disposeAsync(), 120_000);

const layerBytes = 16_000_000;

async function pushLarge(repositoryAndTag: string): Promise<HaltingRegistry> {
  const extra = [{ kind: "file" as const, path: "etc/large", content: randomBytes(layerBytes) }];
  await registry.push(await buildBusyboxImage({ extra }), repositoryAndTag);
  return startHaltingRegistry(registry.url);
}

function ensure(image: string) {
  const request = { pod: { namespace: "shop", name: "web", uid: image }, containerName: "main", image };
  return puller.ensureImage({ ...request, pullPolicy: "IfNotPresent" }, { timeoutMs: 50_000 });
}

const progressOf = ({ update }: EnsureImageResponse) => (update.case === "progress" ? update.value : undefined);

it("bytes are told on the stream, on the board and in the span", { timeout: 60_000 }, async () => {
  await using halting = await pushLarge("shop/large:1");
  const image = `${halting.host}/shop/large:1`;
  const shares: number[] = [];
  let result = "";
  for await (const response of ensure(image)) {
    const { bytesDone = 0n, bytesTotal = 0n } = progressOf(response) ?? {};
    if (bytesTotal > 0n) {
      expect(bytesTotal).toBeGreaterThan(BigInt(layerBytes));
      const share = Number(bytesDone) / Number(bytesTotal);
      shares.push(share);
      const { pulls } = await monitor.listPulls({});
      expect(pulls).toMatchObject([{ pod: { name: "web" }, containerName: "main", image, progress: { bytesTotal } }]);
      if (share > 0.2) halting.resume();
    }
    if (response.update.case === "image") result = response.update.value.imageRef;
  }
  expect(result).toMatch(/^sha256:/);
  // Half of each layer is sent, in pieces, before somebody says "go on".
  const [half = 0] = shares.filter((share) => share > 0.2);
  expect(half).toBeLessThan(0.6);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect((await monitor.listPulls({})).pulls).toEqual([]);
  const [span] = spans.spans({ name: "pull image" });
  const told = span?.events.map(({ name, attributes }) => [name, Number(attributes?.percent) % 10]) ?? [];
  expect(told.length).toBeGreaterThan(0);
  for (const event of told) expect(event).toEqual(["progress", 0]);
});

it("the content store tells nothing of blobs that are not there", async () => {
  await using content = createContentStore({ endpoint, clock: systemClock });
  const digest = `sha256:${"0".repeat(64)}`;
  expect(await content.list([`digest==${digest}`], { timeoutMs: 2_000 })).toEqual([]);
  await expect(content.read(digest, { timeoutMs: 2_000 })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(await content.ingests({ timeoutMs: 2_000 })).toEqual([]);
});
