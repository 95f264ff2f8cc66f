import { mkdtemp, readdir, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { type ExecResponse, NodeApi, PodLifecycle } from "@podbus/contracts";
import { ContainerState, PodSandboxState } from "@podbus/contracts/cri";
import { buildBusyboxImage, importImage } from "@podbus/images";
import type { Pod } from "@podbus/kube";
import { createLogger } from "@podbus/telemetry";
import { eventually, memoryTracer, startContainerd, type TestContainerd } from "@podbus/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { podLifecycleConfig, startPodLifecycle } from "../src/index.ts";
import { container, pod } from "./fixtures.ts";
import { FakeCluster, FakeNode } from "./harness.ts";

const image = "localhost/podbus/busybox:1";
const nodeName = "node-1";
const cgroupRoot = "/podbus-test";

let containerd: TestContainerd;
let directory: string;
let runDir: string;
let imageRef: string;
const cluster = new FakeCluster(systemClock);
const hub = createMemoryBus({ clock: systemClock });
const spans = memoryTracer();
let others: Bus;
let service: AsyncDisposable;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pod-lifecycle-it-"));
  runDir = await mkdtemp("/dev/shm/pod-lifecycle-it-");
  containerd = await startContainerd();
  await importImage(await buildBusyboxImage(), { socket: containerd.socket, name: image });
  imageRef = (await containerd.cri.image.imageStatus({ image: { image } })).image?.id ?? "";
  others = hub.bus("others", { tracer: spans.tracer("others") });
  await others.serve(NodeApi, { node: "*" }, cluster.implementation);
  await new FakeNode(async () => ({ imageRef, repoDigest: "" })).serve(others, nodeName);
  service = await start();
});

afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await containerd?.[Symbol.asyncDispose]();
  await Promise.all([directory, runDir].map((path) => rm(path, { recursive: true, force: true })));
  for (const hierarchy of await readdir("/sys/fs/cgroup")) {
    for (const path of ["burstable", "besteffort", ""]) {
      await rmdir(join("/sys/fs/cgroup", hierarchy, cgroupRoot, path)).catch(() => {});
    }
  }
});

function start(): Promise<AsyncDisposable> {
  const tracer = spans.tracer("pod-lifecycle");
  const bus = hub.bus("pod-lifecycle", { tracer });
  const log = createLogger({ service: "pod-lifecycle", level: process.env.TEST_LOG_LEVEL ?? "silent" });
  return startPodLifecycle(
    { bus, clock: systemClock, log, tracer },
    podLifecycleConfig.parse({
      PODBUS_NODE_NAME: nodeName,
      PODBUS_CRI_ENDPOINT: containerd.endpoint,
      PODBUS_STATE_DIR: join(directory, "state"),
      PODBUS_RUN_DIR: runDir,
      PODBUS_CGROUP_ROOT: cgroupRoot,
    }),
  );
}

const shell = (name: string, script: string, change = {}) =>
  container(name, { image, command: ["sh", "-c", script], ...change });
const named = (name: string, spec: Partial<Pod["spec"]>) =>
  pod({ terminationGracePeriodSeconds: 1, ...spec }, { metadata: { name, uid: `uid-${name}` } });
const status = (name: string) => cluster.statusOf(`uid-${name}`);
const isReady = (name: string) =>
  status(name)?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
const client = () => others.client(PodLifecycle, { node: nodeName });
const ref = (name: string) => ({ namespace: "default", name, uid: `uid-${name}` });

async function untilReady(subject: Pod): Promise<void> {
  cluster.put(subject);
  await eventually(() => isReady(subject.metadata.name), { intervalMs: 5 });
}

async function remove(name: string): Promise<void> {
  const metadata = { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 1 };
  cluster.change(`uid-${name}`, (p) => ({ ...p, metadata: { ...p.metadata, ...metadata } }));
  await eventually(() => cluster.finished.includes(`uid-${name}`), { timeoutMs: 20_000 });
}

async function inRuntime(name: string) {
  const filter = { labelSelector: { "io.kubernetes.pod.uid": `uid-${name}` } };
  const { items } = await containerd.cri.runtime.listPodSandbox({ filter });
  const { containers } = await containerd.cri.runtime.listContainers({ filter });
  return { sandboxes: items, containers };
}

async function logs(name: string, options: { follow?: boolean; previous?: boolean } = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const { data } of client().readLogs({ pod: ref(name), containerName: "main", ...options }))
    chunks.push(data);
  return Buffer.concat(chunks).toString();
}

test("a pod with volumes and variables runs, can be looked into, and leaves nothing behind", async () => {
  cluster.dependencies.set("configmaps/cfg", { metadata: { name: "cfg" }, data: { key: "from-config" } });
  const volumes = [
    { name: "c", configMap: { name: "cfg" } },
    { name: "e", emptyDir: {} },
  ];
  const volumeMounts = [
    { name: "c", mountPath: "/c" },
    { name: "e", mountPath: "/e" },
  ];
  const env = [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }];
  const script = "cat /c/key; echo; echo ip=$POD_IP; hostname; touch /e/x; ls /e; exec sleep 1000";
  const resources = { limits: { cpu: "200m", memory: "64Mi" } };
  await untilReady(named("full", { volumes, containers: [shell("main", script, { volumeMounts, env, resources })] }));
  const podIp = status("full")?.podIP;
  expect(podIp).toMatch(/^10\./);
  await eventually(async () => (await logs("full")).endsWith("x\n"));
  expect(await logs("full")).toBe(`from-config\nip=${podIp}\nfull\nx\n`);
  expect(
    await exec("full", [
      "sh",
      "-c",
      "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max",
    ]),
  ).toMatchObject({
    stdout: "67108864\n",
    exitCode: 0,
  });
  await remove("full");
  expect(await inRuntime("full")).toEqual({ sandboxes: [], containers: [] });
  expect(await readdir(join(directory, "state/pods"))).toEqual([]);
  expect(await readdir(join(directory, "state/logs/pods"))).toEqual([]);
});

async function exec(name: string, command: string[], input?: string) {
  const sessionId = `session-${name}-${command.join("")}`;
  const seen = { stdout: "", stderr: "", exitCode: -1, error: "" };
  const request = {
    pod: ref(name),
    containerName: "main",
    command,
    stdin: input !== undefined,
    stdout: true,
    stderr: true,
    sessionId,
  };
  for await (const { output } of client().exec(request) as AsyncIterable<ExecResponse>) {
    if (output.case === "started" && input !== undefined) {
      const piece = { sessionId, sequence: 1n, input: { case: "stdin" as const, value: Buffer.from(input) } };
      await client().sendExecInput(piece);
      await client().sendExecInput(piece);
      await client().sendExecInput({ sessionId, sequence: 2n, input: { case: "end", value: {} } });
    } else if (output.case === "stdout") seen.stdout += Buffer.from(output.value).toString();
    else if (output.case === "stderr") seen.stderr += Buffer.from(output.value).toString();
    else if (output.case === "ended")
      Object.assign(seen, { exitCode: output.value.exitCode, error: output.value.error });
  }
  return seen;
}

test("commands in a container: output, input taken once, exit code", async () => {
  await untilReady(named("exec", { containers: [shell("main", "exec sleep 1000")] }));
  expect(await exec("exec", ["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
    stdout: "out\n",
    stderr: "err\n",
    exitCode: 3,
    error: "",
  });
  expect(await exec("exec", ["head", "-n", "1"], "line\n")).toMatchObject({ stdout: "line\n", exitCode: 0 });
  expect(await exec("exec", ["cat"], "until the end\n")).toMatchObject({ stdout: "until the end\n", exitCode: 0 });
  expect(await exec("exec", ["sh", "-c", "wc -c; exit 4"], "x".repeat(300_000))).toMatchObject({
    stdout: "300000\n",
    exitCode: 4,
  });
  expect((await exec("exec", ["no-such-program"])).exitCode).not.toBe(0);
  await remove("exec");
});

test("a crashing container is restarted, with its last words and its log kept", async () => {
  cluster.put(
    named("crash", { containers: [shell("main", "echo run; echo -n sorry > /dev/termination-log; exit 7")] }),
  );
  const main = () => status("crash")?.containerStatuses?.[0];
  await eventually(() => main()?.state?.waiting?.reason === "CrashLoopBackOff");
  expect(main()).toMatchObject({
    restartCount: 1,
    lastState: { terminated: { exitCode: 7, message: "sorry", reason: "Error" } },
  });
  expect(await logs("crash", { previous: true })).toBe("run\n");
  await remove("crash");
});

test("a pod that runs to its end succeeds, and its log can be followed to the end", async () => {
  cluster.put(named("job", { restartPolicy: "Never", containers: [shell("main", "echo a; sleep 0.3; echo b")] }));
  await eventually(() => status("job")?.containerStatuses?.[0]?.state?.running !== undefined, { intervalMs: 5 });
  expect(await logs("job", { follow: true })).toBe("a\nb\n");
  await eventually(() => status("job")?.phase === "Succeeded");
  await remove("job");
});

test("a restart of the service, and of containerd, adopts what runs", async () => {
  await untilReady(named("adopt", { containers: [shell("main", "exec sleep 1000")] }));
  const before = await inRuntime("adopt");
  await service[Symbol.asyncDispose]();
  await containerd.restart("SIGKILL");
  service = await start();
  await untilReady(named("after", { containers: [shell("main", "exec sleep 1000")] }));
  const after = await inRuntime("adopt");
  expect(after.containers.map((c) => [c.id, c.state])).toEqual([
    [before.containers[0]?.id, ContainerState.CONTAINER_RUNNING],
  ]);
  expect(after.sandboxes.map((s) => [s.id, s.state])).toEqual([
    [before.sandboxes[0]?.id, PodSandboxState.SANDBOX_READY],
  ]);
  await remove("after");
  await remove("adopt");
});

test("containerd dies in the middle of starts: every pod becomes Ready once, with one running container", async () => {
  const names = ["k1", "k2", "k3"];
  for (const name of names) cluster.put(named(name, { containers: [shell("main", "exec sleep 1000")] }));
  await eventually(async () => (await inRuntime("k1")).sandboxes.length > 0, { intervalMs: 5 });
  await containerd.restart("SIGKILL");
  await eventually(() => names.every(isReady), { timeoutMs: 40_000 });
  for (const name of names) {
    const { containers, sandboxes } = await inRuntime(name);
    expect(containers.filter((c) => c.state === ContainerState.CONTAINER_RUNNING).length).toBe(1);
    expect(sandboxes.filter((s) => s.state === PodSandboxState.SANDBOX_READY).length).toBe(1);
  }
  await Promise.all(names.map(remove));
});
