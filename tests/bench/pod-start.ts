import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@podbus/clock";
import { type Cri, createCri } from "@podbus/cri";
import { buildBusyboxImage } from "@podbus/images";
import { eventually, startRegistry } from "@podbus/testkit";
import { layoutOf, readKubeAccess } from "podbus";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { ApiPods } from "./api-pods.ts";
import { BareCri } from "./bare-cri.ts";
import { childNamed, usageOf } from "./process-usage.ts";
import { type Limit, type Result, result } from "./results.ts";
import { percentile } from "./statistics.ts";

const bench = "pod-start";
const warmUpPods = 3;
const sequentialPods = 20;
const podsAtOnce = 30;
const rounds = 3;

export const limits: readonly Limit[] = [
  { bench, metric: "sequential p50", of: "ratio", atMost: 1.25 },
  { bench, metric: "30 at once", of: "ratio", atMost: 1.4 },
  { bench, metric: "podbus memory peak", of: "value", atMost: 250 },
];

/** A way to start pods, and to remove them again. */
interface Starter {
  start(name: string): Promise<void>;
  /** Ends when nothing of these pods is left in the runtime. */
  removeAll(names: readonly string[]): Promise<void>;
}

interface Sample {
  readonly bareMs: number[];
  readonly podbusMs: number[];
}

/**
 * Pods through podbus, from the request to Running as a watch shows it, beside the bare three CRI calls on the same
 * containerd. Both take turns, so that whatever else the machine does meets both alike.
 */
export async function measurePodStart(say: (text: string) => void): Promise<Result[]> {
  await using registry = await startRegistry();
  const { name: image } = await registry.push(await buildBusyboxImage(), "bench/busybox:1");
  await using podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  const logDirectory = await mkdtemp(join(tmpdir(), "podbus-bench-logs-"));
  await using cri = createCri({
    endpoint: `unix://${layoutOf(podbus.options.stateDir).containerdSocket}`,
    clock: systemClock,
  });
  await cri.image.pullImage({ image: { image } });
  await using pods = await ApiPods.open(await readKubeAccess(podbus.kubeconfig), image);
  const bare = bareStarter(new BareCri(cri, image, logDirectory));
  const ours = podbusStarter(pods, cri);

  say(`warming up: ${warmUpPods} pods each`);
  await sequence(warmUpPods, "warm", bare, ours);
  const before = usages(podbus.pid);
  say(`${sequentialPods} pods one after another, by turns`);
  const sequential = await sequence(sequentialPods, "seq", bare, ours);
  say(`${podsAtOnce} pods at once, ${rounds} rounds by turns`);
  const together = await atOnce(bare, ours);
  const after = usages(podbus.pid);
  await rm(logDirectory, { recursive: true, force: true });
  const started = sequentialPods + rounds * podsAtOnce;
  return [...durations(sequential, together), ...costs(before, after, started)];
}

/** The same without podbus: what the limits are made from. For a machine where podbus itself is under suspicion. */
export async function measureBareCri(cri: Cri, image: string, say: (text: string) => void): Promise<Result[]> {
  const logDirectory = await mkdtemp(join(tmpdir(), "podbus-bench-logs-"));
  const bare = bareStarter(new BareCri(cri, image, logDirectory));
  say(`${sequentialPods} pods one after another, then ${podsAtOnce} at once, ${rounds} rounds`);
  const one: number[] = [];
  for (let i = 0; i < sequentialPods; i += 1) one.push(await timed([`bare-seq-${i}`], bare));
  const all: number[] = [];
  for (let i = 0; i < rounds; i += 1) all.push(await timed(namesOf(`bare-all-${i}`), bare));
  await rm(logDirectory, { recursive: true, force: true });
  return [
    result("bare-cri", "sequential p50", percentile(one, 50), "ms"),
    result("bare-cri", "sequential p99", percentile(one, 99), "ms"),
    result("bare-cri", "30 at once", percentile(all, 50), "ms"),
  ];
}

async function sequence(count: number, label: string, bare: Starter, ours: Starter): Promise<Sample> {
  const sample: Sample = { bareMs: [], podbusMs: [] };
  for (let i = 0; i < count; i += 1) {
    sample.bareMs.push(await timed([`bare-${label}-${i}`], bare));
    sample.podbusMs.push(await timed([`${label}-${i}`], ours));
  }
  return sample;
}

async function atOnce(bare: Starter, ours: Starter): Promise<Sample> {
  const sample: Sample = { bareMs: [], podbusMs: [] };
  for (let round = 0; round < rounds; round += 1) {
    sample.bareMs.push(await timed(namesOf(`bare-all-${round}`), bare));
    sample.podbusMs.push(await timed(namesOf(`all-${round}`), ours));
  }
  return sample;
}

const namesOf = (prefix: string) => Array.from({ length: podsAtOnce }, (_, i) => `${prefix}-${i}`);

/** Milliseconds until the last of them runs. Their removal is waited for and not counted. */
async function timed(names: readonly string[], starter: Starter): Promise<number> {
  const begun = performance.now();
  await Promise.all(names.map((name) => starter.start(name)));
  const tookMs = performance.now() - begun;
  await starter.removeAll(names);
  return tookMs;
}

function bareStarter(bare: BareCri): Starter {
  const sandboxes = new Map<string, string>();
  return {
    start: async (name) => {
      const { sandboxId } = await bare.start(name);
      sandboxes.set(name, sandboxId);
    },
    removeAll: async (names) => {
      await Promise.all(names.map((name) => bare.remove(sandboxes.get(name) ?? "")));
    },
  };
}

function podbusStarter(pods: ApiPods, cri: Cri): Starter {
  return {
    start: (name) => pods.start(name),
    removeAll: async (names) => {
      await Promise.all(names.map((name) => pods.remove(name)));
      const nothingLeft = async () => (await cri.runtime.listPodSandbox({})).items.length === 0;
      await eventually(nothingLeft, { timeoutMs: 60_000, message: "sandboxes of removed pods did not go away" });
    },
  };
}

function durations(sequential: Sample, together: Sample): Result[] {
  const compared = (metric: string, { podbusMs, bareMs }: Sample, percent: number) =>
    result(bench, metric, percentile(podbusMs, percent), "ms", percentile(bareMs, percent));
  return [
    compared("sequential p50", sequential, 50),
    compared("sequential p99", sequential, 99),
    compared("30 at once", together, 50),
    compared("30 at once, worst round", together, 100),
  ];
}

interface Usages {
  readonly podbus: ReturnType<typeof usageOf>;
  readonly nats: ReturnType<typeof usageOf>;
  readonly containerd: ReturnType<typeof usageOf>;
}

function usages(podbusPid: number): Usages {
  return {
    podbus: usageOf(podbusPid),
    nats: usageOf(childNamed(podbusPid, "nats-server")),
    containerd: usageOf(childNamed(podbusPid, "containerd")),
  };
}

/** CPU time covers starts and removals; containerd's is for podbus' pods and the bare ones together. */
function costs(before: Usages, after: Usages, pods: number): Result[] {
  const cpuMs = (of: keyof Usages) => ((after[of].cpuSeconds - before[of].cpuSeconds) * 1000) / pods;
  return [
    result(bench, "podbus CPU total", after.podbus.cpuSeconds - before.podbus.cpuSeconds, "s"),
    result(bench, "podbus CPU per pod", cpuMs("podbus"), "ms"),
    result(bench, "nats-server CPU per pod", cpuMs("nats"), "ms"),
    result(bench, "containerd CPU per pod", cpuMs("containerd") / 2, "ms"),
    result(bench, "podbus memory", after.podbus.rssMib, "MiB"),
    result(bench, "podbus memory peak", after.podbus.peakRssMib, "MiB"),
    result(bench, "nats-server memory", after.nats.rssMib, "MiB"),
  ];
}
