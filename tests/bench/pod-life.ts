import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@podbus/clock";
import { type Cri, createCri } from "@podbus/cri";
import { buildBusyboxImage } from "@podbus/images";
import { eventually, freePort, startRegistry } from "@podbus/testkit";
import { layoutOf, readKubeAccess } from "podbus";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { ApiPods, heedingPod, type PodShape, plainPod } from "./api-pods.ts";
import { BareCri } from "./bare-cri.ts";
import { InspectedProcess, inspectableAt } from "./inspected-process.ts";
import { usageOf } from "./process-usage.ts";
import { type Limit, type Result, result } from "./results.ts";
import { percentile } from "./statistics.ts";

const bench = "pod-life";
const fullStarts = 10;
const deletedAtOnce = 30;
const rounds = 3;
const steadyPods = 100;
const crashingPods = 105;
const watchedMs = 60_000;
/**
 * After `warmUp` pods and `warmUpMs`, everything that is kept on purpose is full: recent changes of the watch cache, traces, uids of
 * pods that have gone, and what the store knows of deleted objects, for ten to twelve minutes. Recent changes are 4,096 to
 * 6,144 for each resource, up and down, so memory is looked at after every lot, and means are compared.
 */
const cycles = { warmUp: 1_500, warmUpMs: 13 * 60_000, counted: 1_000, lot: 50, atOnce: 5 };

export const podLifeLimits: readonly Limit[] = [
  { bench, metric: "start of 2 init and 2 app containers with 4 volumes p50", of: "ratio", atMost: 1.25 },
  { bench, metric: "30 deletions at once", of: "ratio", atMost: 1.3 },
  { bench, metric: "30 deletions at once, TERM ignored", of: "ratio", atMost: 1.3 },
  { bench, metric: "CPU with 100 running pods", of: "value", atMost: 3 },
  { bench, metric: "growth of the heap per 1,000 pods", of: "value", atMost: 1 },
  { bench, metric: "CPU with 105 crash-looping pods", of: "value", atMost: 20 },
];

const full: PodShape = {
  init: [["true"], ["true"]],
  app: [
    ["sleep", "3600"],
    ["sleep", "3600"],
  ],
  volumes: [
    { name: "config", configMap: { name: "bench" } },
    { name: "secret", secret: { secretName: "bench" } },
    { name: "scratch", emptyDir: {} },
    { name: "about", downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
  ],
};
const crashing: PodShape = { init: [], app: [["false"]], volumes: [] };

interface Stage {
  readonly pods: ApiPods;
  readonly bare: BareCri;
  readonly cri: Cri;
  readonly pid: number;
  readonly inspected: InspectedProcess;
  readonly say: (text: string) => void;
}

/** What pods cost besides a plain start: a full one, their end, and the mere fact that they are there. */
export async function measurePodLife(say: (text: string) => void): Promise<Result[]> {
  await using registry = await startRegistry();
  const { name: image } = await registry.push(await buildBusyboxImage(), "bench/busybox:1");
  const inspectorPort = await freePort();
  const options = { ...(await freshOptions([registry.host])), env: inspectableAt(inspectorPort) };
  await using podbus = await PodbusProcess.start(options);
  await podbus.kubectlOk("create", "configmap", "bench", "--from-literal=a=1");
  await podbus.kubectlOk("create", "secret", "generic", "bench", "--from-literal=a=1");
  const logDirectory = await mkdtemp(join(tmpdir(), "podbus-bench-logs-"));
  const endpoint = `unix://${layoutOf(podbus.options.stateDir).containerdSocket}`;
  await using cri = createCri({ endpoint, clock: systemClock });
  await cri.image.pullImage({ image: { image } });
  await using pods = await ApiPods.open(await readKubeAccess(podbus.kubeconfig), image);
  using inspected = await InspectedProcess.open(podbus.pid, inspectorPort);
  const stage = { pods, bare: new BareCri(cri, image, logDirectory), cri, pid: podbus.pid, inspected, say };
  const results = [
    await fullStart(stage),
    await deletion(stage, "30 deletions at once", heedingPod),
    await deletion(stage, "30 deletions at once, TERM ignored", plainPod),
    await steadyState(stage),
    ...(await memoryGrowth(stage)),
    await crashLoops(stage),
  ];
  await rm(logDirectory, { recursive: true, force: true });
  return results;
}

const namesOf = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

const nothingLeft = (cri: Cri) =>
  eventually(async () => (await cri.runtime.listPodSandbox({})).items.length === 0, {
    timeoutMs: 120_000,
    message: "sandboxes of removed pods did not go away",
  });

async function fullStart({ pods, bare, cri, say }: Stage): Promise<Result> {
  say(`${fullStarts} starts with 2 init containers, 2 app containers and 4 volumes, by turns`);
  const [bareMs, podbusMs]: [number[], number[]] = [[], []];
  for (const name of namesOf("full", fullStarts)) {
    let sandbox = "";
    bareMs.push(
      await timed(async () => {
        sandbox = (await bare.start(`bare-${name}`, full)).sandboxId;
      }),
    );
    await bare.remove(sandbox);
    podbusMs.push(await timed(() => pods.start(name, full)));
    await pods.remove(name);
    await nothingLeft(cri);
  }
  const metric = "start of 2 init and 2 app containers with 4 volumes p50";
  return result(bench, metric, percentile(podbusMs, 50), "ms", percentile(bareMs, 50));
}

/** From the request until nothing of them is left in the runtime; TERM and two seconds are the bare runtime's share too. */
async function deletion({ pods, bare, cri, say }: Stage, metric: string, shape: PodShape): Promise<Result> {
  say(`${metric}, ${rounds} rounds by turns`);
  const [bareMs, podbusMs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const bareNames = namesOf(`bare-del-${round}`, deletedAtOnce);
    const started = await Promise.all(bareNames.map((name) => bare.start(name, shape)));
    bareMs.push(await timed(() => Promise.all(started.map((pod) => bare.end(pod)))));
    const names = namesOf(`del-${round}`, deletedAtOnce);
    await Promise.all(names.map((name) => pods.start(name, shape)));
    podbusMs.push(
      await timed(async () => {
        await Promise.all(names.map((name) => pods.remove(name, 0)));
        await nothingLeft(cri);
      }),
    );
  }
  return result(bench, metric, percentile(podbusMs, 50), "ms", percentile(bareMs, 50));
}

/** Percent of one core that all services take while nothing is asked of them. */
async function cpuPercent(pid: number): Promise<number> {
  const before = usageOf(pid).cpuSeconds;
  await systemClock.sleep(watchedMs);
  return ((usageOf(pid).cpuSeconds - before) / (watchedMs / 1000)) * 100;
}

async function steadyState({ pods, cri, pid, say }: Stage): Promise<Result> {
  say(`${steadyPods} pods run, for a minute`);
  const names = namesOf("steady", steadyPods);
  for (let at = 0; at < names.length; at += 20)
    await Promise.all(names.slice(at, at + 20).map((name) => pods.start(name)));
  await systemClock.sleep(5_000);
  const cpu = await cpuPercent(pid);
  await Promise.all(names.map((name) => pods.remove(name, 0)));
  await nothingLeft(cri);
  return result(bench, "CPU with 100 running pods", cpu, "%");
}

/**
 * The heap after a collection, and beside it resident memory, which holds what V8 keeps in hand too: means of 1,000 pods, and of the
 * next 1,000. Events, which stay for an hour on purpose, are removed after each lot.
 */
async function memoryGrowth(stage: Stage): Promise<Result[]> {
  stage.say(`${cycles.warmUp} pods or more come and go, for 13 minutes; then twice ${cycles.counted}, which count`);
  const warmAt = performance.now() + cycles.warmUpMs;
  for (let lot = 0; lot * cycles.lot < cycles.warmUp || performance.now() < warmAt; lot += 1) {
    await memoryAfter(stage, `warm-${lot}`);
  }
  const before = await meanMemory(stage, "before");
  const after = await meanMemory(stage, "after");
  const perThousand = (growth: number) => (growth / cycles.counted) * 1000;
  return [
    result(bench, "heap after a collection, without pods", after.heapMib, "MiB"),
    result(bench, "growth of the heap per 1,000 pods", perThousand(after.heapMib - before.heapMib), "MiB"),
    result(bench, "growth of resident memory per 1,000 pods", perThousand(after.rssMib - before.rssMib), "MiB"),
  ];
}

async function meanMemory(stage: Stage, prefix: string) {
  const seen: Awaited<ReturnType<typeof memoryAfter>>[] = [];
  for (let lot = 0; lot * cycles.lot < cycles.counted; lot += 1)
    seen.push(await memoryAfter(stage, `${prefix}-${lot}`));
  const mean = (of: "heapMib" | "rssMib") => seen.reduce((sum, each) => sum + each[of], 0) / seen.length;
  return { heapMib: mean("heapMib"), rssMib: mean("rssMib") };
}

/** A lot of pods comes and goes. */
async function memoryAfter({ pods, cri, pid, inspected }: Stage, prefix: string) {
  await cycle(pods, prefix, cycles.lot);
  await nothingLeft(cri);
  await pods.removeEvents();
  return { heapMib: await inspected.keptMib(), rssMib: usageOf(pid).rssMib };
}

async function cycle(pods: ApiPods, prefix: string, count: number): Promise<void> {
  const names = namesOf(prefix, count);
  const one = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      await pods.start(name, heedingPod);
      await pods.remove(name, 0);
    }
  };
  await Promise.all(Array.from({ length: cycles.atOnce }, one));
}

async function crashLoops({ pods, cri, pid, say }: Stage): Promise<Result> {
  say(`${crashingPods} pods crash, for three minutes; then for another one, which counts`);
  const names = namesOf("crash", crashingPods);
  await Promise.all(names.map((name) => pods.create(name, crashing)));
  await systemClock.sleep(3 * watchedMs);
  const cpu = await cpuPercent(pid);
  await Promise.all(names.map((name) => pods.remove(name, 0)));
  await nothingLeft(cri);
  return result(bench, "CPU with 105 crash-looping pods", cpu, "%");
}
