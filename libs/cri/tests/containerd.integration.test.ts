import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContainerEventResponse,
  ContainerEventType,
  ContainerState,
  NamespaceMode,
  PodSandboxState,
} from "@podbus/contracts/cri";
import { buildBusyboxImage } from "@podbus/images";
import { eventually, startContainerd, startRegistry, type TestContainerd } from "@podbus/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let containerd: TestContainerd;
let logDirectory: string;
let image: string;

beforeAll(async () => {
  logDirectory = await mkdtemp(join(tmpdir(), "podbus-cri-logs-"));
  containerd = await startContainerd();
  await using registry = await startRegistry();
  const { name } = await registry.push(await buildBusyboxImage(), "demo/busybox:1");
  image = (await containerd.cri.image.pullImage({ image: { image: name } })).imageRef;
});

afterAll(async () => {
  await containerd?.[Symbol.asyncDispose]();
  await rm(logDirectory, { recursive: true, force: true });
});

const sandboxConfig = (name: string) => ({
  metadata: { name, namespace: "default", uid: `uid-${name}`, attempt: 0 },
  hostname: name,
  logDirectory,
  labels: { "io.kubernetes.pod.name": name },
  linux: {},
});

const containerConfig = (name: string, command: string) => ({
  metadata: { name, attempt: 0 },
  image: { image },
  command: ["sh", "-c", command],
  logPath: `${name}.log`,
  linux: {},
});

async function startPod(name: string, command: string) {
  const { runtime } = containerd.cri;
  const config = sandboxConfig(name);
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const request = { podSandboxId, config: containerConfig(name, command), sandboxConfig: config };
  const { containerId } = await runtime.createContainer(request);
  await runtime.startContainer({ containerId });
  return { podSandboxId, containerId };
}

async function statusOf(containerId: string) {
  return (await containerd.cri.runtime.containerStatus({ containerId })).status;
}

/** Collects events until told to stop. */
function recordEvents() {
  const stop = new AbortController();
  const events: ContainerEventResponse[] = [];
  const ended = (async () => {
    for await (const event of containerd.cri.runtime.getContainerEvents(stop.signal)) events.push(event);
  })();
  const close = async () => {
    stop.abort();
    await ended;
  };
  return { events, ended, [Symbol.asyncDispose]: close };
}

test("the runtime is new enough and says that its network is ready", async () => {
  const { runtimeName, runtimeVersion } = await containerd.cri.runtime.version({});
  expect(runtimeName).toBe("containerd");
  expect(runtimeVersion).toMatch(/^v?(1\.[7-9]|[2-9])/);
});

test("a pod from sandbox to removal: address, output, exec, exit event, log file", async () => {
  const { runtime } = containerd.cri;
  await using recorder = recordEvents();
  const { podSandboxId, containerId } = await startPod(
    "life",
    "echo out; echo err >&2; until [ -e /tmp/go ]; do sleep 0.02; done; exit 7",
  );
  expect(await eventually(() => recorder.events.length >= 1)).toBe(true);

  const sandbox = await runtime.podSandboxStatus({ podSandboxId });
  const [network] = containerd.settings.podCidr.split(".0/24");
  expect(sandbox.status?.network?.ip).toMatch(new RegExp(`^${network}\\.`));
  expect(sandbox.status?.state).toBe(PodSandboxState.SANDBOX_READY);

  const exec = await runtime.execSync({ containerId, cmd: ["sh", "-c", "hostname; echo no >&2; exit 3"] });
  expect({ ...exec, stdout: `${Buffer.from(exec.stdout)}`, stderr: `${Buffer.from(exec.stderr)}` }).toMatchObject({
    stdout: "life\n",
    stderr: "no\n",
    exitCode: 3,
  });

  await runtime.execSync({ containerId, cmd: ["touch", "/tmp/go"] });
  const stopped = await eventually(() =>
    recorder.events.find(
      (event) =>
        event.containerId === containerId && event.containerEventType === ContainerEventType.CONTAINER_STOPPED_EVENT,
    ),
  );
  expect(stopped.podSandboxStatus?.id).toBe(podSandboxId);
  expect(await statusOf(containerId)).toMatchObject({ state: ContainerState.CONTAINER_EXITED, exitCode: 7 });

  const log = await readFile(join(logDirectory, "life.log"), "utf8");
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\S+ stdout F out$/m);
  expect(log).toMatch(/^\S+ stderr F err$/m);

  await runtime.stopPodSandbox({ podSandboxId });
  await runtime.removePodSandbox({ podSandboxId });
  await runtime.removePodSandbox({ podSandboxId });
  await expect(runtime.podSandboxStatus({ podSandboxId })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("the name of a sandbox is reserved while it exists, in the words that the fake has", async () => {
  const { runtime } = containerd.cri;
  const config = sandboxConfig("twice");
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  await expect(runtime.runPodSandbox({ config })).rejects.toMatchObject({
    code: "UNKNOWN",
    message: expect.stringContaining(`is reserved for "${podSandboxId}"`),
  });
  await runtime.removePodSandbox({ podSandboxId });
});

test("a call without an answer in time fails, and one that is cancelled too", async () => {
  const { runtime } = containerd.cri;
  const { podSandboxId, containerId } = await startPod("slow", "sleep 1000");
  const slow = { containerId, cmd: ["sleep", "1000"] };
  await expect(runtime.execSync(slow, { timeoutMs: 300 })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await expect(runtime.execSync(slow, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
    code: "CANCELLED",
  });
  await runtime.removePodSandbox({ podSandboxId });
});

test("the pause process ends at TERM, reaps orphans, and its pod stops without being killed", async () => {
  const { runtime } = containerd.cri;
  const config = {
    ...sandboxConfig("reaper"),
    linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } },
  };
  const { podSandboxId } = await runtime.runPodSandbox({ config });
  const shared = { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } };
  const request = {
    podSandboxId,
    config: { ...containerConfig("reaper", "sleep 1000"), linux: shared },
    sandboxConfig: config,
  };
  const { containerId } = await runtime.createContainer(request);
  await runtime.startContainer({ containerId });
  // A grandchild whose parent ends at once: its new parent is the pause process.
  await runtime.execSync({ containerId, cmd: ["sh", "-c", "(sleep 0.1 & exit 0)"] });
  await eventually(async () => {
    const { stdout } = await runtime.execSync({ containerId, cmd: ["ps", "-o", "pid,stat,args"] });
    const lines = `${Buffer.from(stdout)}`.split("\n");
    return (
      lines.some((line) => line.includes("sh -c trap")) && !lines.some((line) => /sleep 0\.1|Z .*sleep/.test(line))
    );
  });
  const before = performance.now();
  await runtime.execSync({ containerId, cmd: ["kill", "-TERM", "1"] });
  await eventually(async () => {
    const { status } = await runtime.podSandboxStatus({ podSandboxId });
    return status?.state === PodSandboxState.SANDBOX_NOTREADY;
  });
  // A first process that ignored TERM would be waited for ten seconds and then killed.
  expect(performance.now() - before).toBeLessThan(8_000);
  await runtime.removePodSandbox({ podSandboxId });
});

test("without containerd a call fails at once, the event stream breaks, containers live on, and all comes back", async () => {
  const { runtime } = containerd.cri;
  const { podSandboxId, containerId } = await startPod("survivor", "sleep 1000");
  const recorder = recordEvents();
  const broken = expect(recorder.ended).rejects.toMatchObject({ code: "UNAVAILABLE" });
  const startedAt = (await statusOf(containerId))?.startedAt;
  await containerd.kill();
  await broken;
  const before = performance.now();
  await expect(runtime.version({})).rejects.toMatchObject({ code: "UNAVAILABLE" });
  // A first process that ignored TERM would be waited for ten seconds and then killed.
  expect(performance.now() - before).toBeLessThan(8_000);
  await containerd.restart();
  expect(await statusOf(containerId)).toMatchObject({ state: ContainerState.CONTAINER_RUNNING, startedAt });
  await runtime.removePodSandbox({ podSandboxId });
});

test("several calls at once go over one client", async () => {
  const { runtime } = containerd.cri;
  const names = ["a", "b", "c", "d"];
  const sandboxes = await Promise.all(names.map((name) => runtime.runPodSandbox({ config: sandboxConfig(name) })));
  expect((await runtime.listPodSandbox({})).items).toHaveLength(names.length);
  await Promise.all(sandboxes.map(({ podSandboxId }) => runtime.removePodSandbox({ podSandboxId })));
});
