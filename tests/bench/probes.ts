import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Bus, createNatsBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import {
  type ActionSchema,
  HookKind,
  HookRunner,
  ProbeKind,
  ProbeRunner,
  type RunProbesResponse,
  Verdict,
} from "@podbus/contracts";
import { type Cri, createCri } from "@podbus/cri";
import { buildBusyboxImage, importImage } from "@podbus/images";
import { createLogger } from "@podbus/telemetry";
import { eventually, freePort } from "@podbus/testkit";
import { node, SeparateServices } from "../support/separate-services.ts";
import { BareCri } from "./bare-cri.ts";
import { usageOf } from "./process-usage.ts";
import { type Limit, type Result, result } from "./results.ts";
import { percentile } from "./statistics.ts";

const bench = "probes";
const pods = 110;
const periodMs = 1_000;
const watchedMs = 30_000;
const execProbes = 5;
const listeners = 30;
const hookCalls = 60;
const image = "localhost/bench/busybox:1";

export const probeLimits: readonly Limit[] = [
  { bench, metric: "CPU of the probe-runner, 330 probes at 1 s", of: "value", atMost: 10 },
  { bench, metric: "listening → Ready, the slowest, period 1 s", of: "value", atMost: periodMs + 50 },
  { bench, metric: "added to ExecSync by an exec hook p50", of: "value", atMost: 15 },
];

type Action = MessageInitShape<typeof ActionSchema>;
const tcp = (port: number): Action => ({ kind: { case: "tcpSocket", value: { host: "127.0.0.1", port } } });
const http = (port: number): Action => ({
  kind: { case: "httpGet", value: { host: "127.0.0.1", port, path: "/healthz", scheme: "HTTP" } },
});
const nothing: Action = { kind: { case: "exec", value: { command: ["true"] } } };

interface Stage {
  readonly services: SeparateServices;
  readonly bus: Bus;
  readonly cri: Cri;
  readonly containerId: string;
  readonly say: (text: string) => void;
}

/** probe-runner and hook-runner, each a process of its own, called over the bus as pod-lifecycle calls them. */
export async function measureProbes(say: (text: string) => void): Promise<Result[]> {
  await using services = await SeparateServices.start([], ["nats-server", "containerd", "probe-runner", "hook-runner"]);
  const connection = await services.connectToBus("pod-lifecycle");
  const log = createLogger({ service: "bench", level: "silent" });
  await using bus = createNatsBus({ connection, name: "pod-lifecycle", clock: systemClock, log });
  const socket = services.layout.containerdSocket;
  await using cri = createCri({ endpoint: `unix://${socket}`, clock: systemClock });
  await importImage(await buildBusyboxImage(), { socket, name: image });
  const logDirectory = await mkdtemp(join(tmpdir(), "podbus-bench-logs-"));
  const bare = new BareCri(cri, image, logDirectory);
  const { sandboxId, containerIds } = await bare.start("probed");
  const stage = { services, bus, cri, containerId: containerIds[0] ?? "", say };
  const results = [...(await manyProbes(stage)), await execCost(stage), ...(await hookLatency(stage))];
  await bare.remove(sandboxId);
  await rm(logDirectory, { recursive: true, force: true });
  await connection.close();
  return results;
}

/** Keeps probing, and tells each answer, until the signal. */
async function probe(
  { bus }: Stage,
  container: { readonly id: string; readonly name: string },
  probes: readonly { readonly kind: ProbeKind; readonly action: Action }[],
  { signal, heard }: { readonly signal: AbortSignal; readonly heard: (response: RunProbesResponse) => void },
): Promise<void> {
  const request = { container, probes: probes.map((each) => ({ ...each, periodMs })) };
  try {
    for await (const response of bus.client(ProbeRunner, { node }).runProbes(request, { signal })) heard(response);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * A node full of pods, each with three probes that never end, half of them HTTP, half TCP, against a server that answers at once.
 * They succeed from the beginning to the end: any other answer fails the benchmark.
 */
async function manyProbes(stage: Stage): Promise<Result[]> {
  const { services, say } = stage;
  const web = await listen(createHttpServer((_request, response) => void response.end("ok")));
  const plain = await listen(createServer((socket) => void socket.on("error", () => {}).end()));
  const stop = new AbortController();
  const successes = new Set<string>();
  const failures: string[] = [];
  const heard = (pod: string) => (response: RunProbesResponse) => {
    if (response.message) failures.push(response.message);
    if (response.verdict === Verdict.SUCCESS && response.changed) successes.add(`${pod} ${response.kind}`);
  };
  // A container has two probes that go on; the third of a pod is its second container's.
  const open = Array.from({ length: pods }, (_, n) => [
    probe(
      stage,
      { id: `pod-${n}-a`, name: "a" },
      [
        { kind: ProbeKind.READINESS, action: http(web.port) },
        { kind: ProbeKind.LIVENESS, action: tcp(plain.port) },
      ],
      { signal: stop.signal, heard: heard(`pod-${n}-a`) },
    ),
    probe(
      stage,
      { id: `pod-${n}-b`, name: "b" },
      [{ kind: ProbeKind.READINESS, action: n % 2 === 0 ? http(web.port) : tcp(plain.port) }],
      { signal: stop.signal, heard: heard(`pod-${n}-b`) },
    ),
  ]).flat();
  await eventually(() => successes.size === 3 * pods, { timeoutMs: 30_000, message: "not all probes succeeded" });
  say(`${3 * pods} probes at 1 s, for ${watchedMs / 1_000} s`);
  await systemClock.sleep(2 * periodMs);
  const before = web.connections() + plain.connections();
  const cpu = await cpuPercent(services.pidOf("probe-runner"));
  const attempts = web.connections() + plain.connections() - before;
  const delays = await listenDelays(stage);
  stop.abort();
  await Promise.all(open);
  say("as many by a bare Node process");
  const bareCpu = await bareProber(web.port, plain.port);
  web.close();
  plain.close();
  if (failures.length > 0) throw new Error(`${failures.length} probes failed, the first: ${failures[0]}`);
  return [
    result(bench, "CPU of the probe-runner, 330 probes at 1 s", cpu, "%", bareCpu),
    result(bench, "attempts made of those that were due", attempts / ((3 * pods * watchedMs) / periodMs), ""),
    result(bench, "listening → Ready p50, period 1 s", percentile(delays, 50), "ms"),
    result(bench, "listening → Ready, the slowest, period 1 s", Math.max(...delays), "ms"),
  ];
}

/** Percent of one core. */
async function cpuPercent(pid = 0): Promise<number> {
  const before = usageOf(pid).cpuSeconds;
  await systemClock.sleep(watchedMs);
  return ((usageOf(pid).cpuSeconds - before) / (watchedMs / 1_000)) * 100;
}

async function bareProber(httpPort: number, tcpPort: number): Promise<number> {
  const half = (3 * pods) / 2;
  const program = join(import.meta.dirname, "bare-prober.ts");
  const child = spawn(process.execPath, [program, ...[httpPort, half, tcpPort, half, periodMs].map(String)]);
  await systemClock.sleep(4 * periodMs);
  const cpu = await cpuPercent(child.pid);
  child.kill();
  await once(child, "exit");
  return cpu;
}

/** Beside all the others: ports on which somebody listens at last, at every phase of the period; until the verdict is heard. */
async function listenDelays(stage: Stage): Promise<number[]> {
  stage.say(`${listeners} ports on which nobody listens at first`);
  return Promise.all(
    Array.from({ length: listeners }, async (_, n) => {
      const port = await freePort();
      const stop = new AbortController();
      const ready = Promise.withResolvers<number>();
      const heard = ({ verdict }: RunProbesResponse) => {
        if (verdict === Verdict.SUCCESS) ready.resolve(performance.now());
      };
      const asked = [{ kind: ProbeKind.READINESS, action: tcp(port) }];
      const probing = probe(stage, { id: `late-${n}`, name: "main" }, asked, { signal: stop.signal, heard });
      await systemClock.sleep(2 * periodMs + (n * periodMs) / listeners);
      const late = createServer((socket) => void socket.on("error", () => {}).end()).listen(port, "127.0.0.1");
      await once(late, "listening");
      const listening = performance.now();
      const delay = (await ready.promise) - listening;
      stop.abort();
      await probing;
      late.close();
      return delay;
    }),
  );
}

/** What an attempt costs that runs a command in a container; most of it is the runtime's, and is not in this figure. */
async function execCost(stage: Stage): Promise<Result> {
  const { services, containerId, say } = stage;
  say(`${execProbes} exec probes at 1 s, for ${watchedMs / 1_000} s`);
  const stop = new AbortController();
  const failures: string[] = [];
  const heard = ({ message }: RunProbesResponse) => void (message && failures.push(message));
  const asked = [{ kind: ProbeKind.READINESS, action: nothing }];
  const open = Array.from({ length: execProbes }, () =>
    probe(stage, { id: containerId, name: "main" }, asked, { signal: stop.signal, heard }),
  );
  await systemClock.sleep(2 * periodMs);
  const cpu = await cpuPercent(services.pidOf("probe-runner"));
  stop.abort();
  await Promise.all(open);
  if (failures.length > 0) throw new Error(`exec probes failed: ${failures[0]}`);
  return result(bench, "CPU of the probe-runner for one exec attempt", (cpu * 10) / execProbes, "ms");
}

/** A hook that does nothing, beside the same command by the runtime alone, by turns. */
async function hookLatency({ bus, cri, containerId, say }: Stage): Promise<Result[]> {
  say(`${hookCalls} exec hooks, each beside a bare ExecSync`);
  const hooks = bus.client(HookRunner, { node });
  const container = { pod: { namespace: "bench", name: "probed", uid: "u" }, name: "main", id: containerId };
  const [oursMs, bareMs]: [number[], number[]] = [[], []];
  for (let call = 0; call < hookCalls; call++) {
    bareMs.push(await timed(() => cri.runtime.execSync({ containerId, cmd: ["true"], timeout: 10n })));
    oursMs.push(await timed(() => hooks.runHook({ container, kind: HookKind.POST_START, action: nothing })));
  }
  const [ours, bare] = [percentile(oursMs, 50), percentile(bareMs, 50)];
  return [
    result(bench, "exec hook p50", ours, "ms", bare),
    result(bench, "added to ExecSync by an exec hook p50", ours - bare, "ms"),
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function listen(server: Server) {
  let connections = 0;
  server.on("connection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => connections, close: () => server.close() };
}
