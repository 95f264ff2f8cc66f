import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { requireBinary } from "@podbus/binaries";
import { type Client, createNatsBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { ImagePuller } from "@podbus/contracts";
import { type Cri, createCri } from "@podbus/cri";
import { buildImage } from "@podbus/images";
import { createLogger } from "@podbus/telemetry";
import { eventually, startRegistry, type TestRegistry } from "@podbus/testkit";
import { SeparateServices } from "../support/separate-services.ts";
import { type Limit, type Result, result } from "./results.ts";
import { percentile } from "./statistics.ts";

const bench = "image-pulls";
const rounds = 3;
const callsPerSecond = 50;
const presentCalls = 500;
/** As the puller's default, and as many as the baseline runs of ctr. */
const atOnce = 5;
/** MiB that do not compress: a few big images, many small ones. */
const sizes = [1, 1, 2, 2, 3, 4, 5, 8, 12, 24];
const node = "node-1";

export const imagePullLimits: readonly Limit[] = [
  { bench, metric: "10 images, one after another", of: "ratio", atMost: 1.1 },
  { bench, metric: "10 images at once", of: "ratio", atMost: 1.1 },
];

const run = promisify(execFile);

interface Puller {
  readonly services: SeparateServices;
  readonly registry: TestRegistry;
  readonly client: Client<typeof ImagePuller>;
  readonly cri: Cri;
}

/**
 * The image-puller in a process of its own, called over the bus, beside `ctr images pull` of images of the same sizes into
 * the same containerd, by turns. Every image is new: nothing is there already.
 */
export async function measureImagePulls(say: (text: string) => void): Promise<Result[]> {
  await using registry = await startRegistry();
  const processes = ["nats-server", "api-gateway", "containerd", "image-puller"] as const;
  await using services = await SeparateServices.start([registry.host], processes);
  const connection = await services.connectToBus("pod-lifecycle");
  const log = createLogger({ service: "bench", level: "silent" });
  await using bus = createNatsBus({ connection, name: "pod-lifecycle", clock: systemClock, log });
  await using cri = createCri({ endpoint: `unix://${services.layout.containerdSocket}`, clock: systemClock });
  const client = bus.client(ImagePuller, { node });
  const puller = { services, registry, client, cri };
  await ready(puller);

  say(`${presentCalls} calls for an image that is here, ${callsPerSecond} a second, each beside a bare ImageStatus`);
  const present = await measurePresent(puller);
  say(`${sizes.length} images one after another, ${rounds} rounds by turns`);
  const serial = await measurePulls(puller, 1);
  say(`${sizes.length} images at once, ${atOnce} at a time, ${rounds} rounds by turns`);
  const parallel = await measurePulls(puller, atOnce);
  await connection.close();
  return [
    ...[50, 99].map((percent) =>
      result(
        bench,
        `EnsureImage with the image present p${percent}`,
        percentile(present.oursMs, percent),
        "ms",
        percentile(present.bareMs, percent),
      ),
    ),
    result(bench, "10 images, one after another", sum(serial.oursMs), "ms", sum(serial.bareMs)),
    result(bench, "10 images at once", sum(parallel.oursMs), "ms", sum(parallel.bareMs)),
  ];
}

interface Sample {
  readonly oursMs: number[];
  readonly bareMs: number[];
}

async function ready({ client }: Puller): Promise<void> {
  const answers = () => client.listImages({}).then(Boolean, () => false);
  await eventually(answers, { timeoutMs: 60_000, message: "the image-puller did not come up" });
}

async function measurePresent(puller: Puller): Promise<Sample> {
  const [image = ""] = await pushSet(puller.registry, [1]);
  await ensure(puller.client, image);
  const sample: Sample = { oursMs: [], bareMs: [] };
  const calls: Promise<void>[] = [];
  for (let index = 0; index < presentCalls; index += 1) {
    calls.push(timed(() => ensure(puller.client, image)).then((ms) => void sample.oursMs.push(ms)));
    calls.push(
      timed(() => puller.cri.image.imageStatus({ image: { image } })).then((ms) => void sample.bareMs.push(ms)),
    );
    await systemClock.sleep(1_000 / callsPerSecond);
  }
  await Promise.all(calls);
  return sample;
}

async function measurePulls({ registry, client, services }: Puller, limit: number): Promise<Sample> {
  const sample: Sample = { oursMs: [], bareMs: [] };
  for (let round = 0; round < rounds; round += 1) {
    const [ours, theirs] = [await pushSet(registry, sizes), await pushSet(registry, sizes)];
    // The puller keeps to its own limit: where pulls may overlap it is given all of them.
    const given = limit === 1 ? 1 : sizes.length;
    sample.oursMs.push(await timed(() => each(ours, given, (image) => ensure(client, image))));
    sample.bareMs.push(await timed(() => each(theirs, limit, (image) => ctrPull(services, image))));
  }
  return sample;
}

/** Pushes one image of each size, with content that nothing else has; answers their names. */
async function pushSet(registry: TestRegistry, mebibytes: readonly number[]): Promise<string[]> {
  const names: string[] = [];
  for (const size of mebibytes) {
    const content = randomBytes(size << 20);
    const image = buildImage({ layers: [[{ kind: "file", path: "data", content }]], config: { Cmd: ["/data"] } });
    names.push((await registry.push(image, `bench/${randomUUID()}:1`)).name);
  }
  return names;
}

async function ensure(client: Client<typeof ImagePuller>, image: string): Promise<void> {
  const pod = { namespace: "default", name: "bench", uid: randomUUID() };
  const request = { pod, containerName: "main", image, pullPolicy: "IfNotPresent" };
  for await (const _ of client.ensureImage(request, { timeoutMs: 120_000 }));
}

async function ctrPull({ layout }: SeparateServices, image: string): Promise<void> {
  const target = ["--address", layout.containerdSocket, "--namespace", "k8s.io"];
  // Three at a time, as the runtime's own pulls download.
  const how = ["--plain-http", "--max-concurrent-downloads", "3"];
  await run(requireBinary("ctr"), [...target, "images", "pull", ...how, image], { maxBuffer: 1 << 26 });
}

async function each(items: readonly string[], limit: number, work: (item: string) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, one));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
