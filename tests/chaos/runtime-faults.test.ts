import { mkdir, writeFile } from "node:fs/promises";
import { systemClock } from "@podbus/clock";
import { ContainerState, PodSandboxState } from "@podbus/contracts/cri";
import { type Cri, createCri } from "@podbus/cri";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { processesOf } from "../support/processes.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";
import { SeparateServices } from "../support/separate-services.ts";

/** What is below and beside the services dies or falls silent while pods run: they recover as in Kubernetes, and no other is touched. */
let registry: RegistryWithBusybox;
let deployment: SeparateServices;
let cri: Cri;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  deployment = await SeparateServices.start([registry.host]);
  cri = createCri({ endpoint: `unix://${deployment.layout.containerdSocket}`, clock: systemClock });
  await eventuallyPasses(async () => expect(await kubectl("get", "nodes")).toContain(" Ready "), {
    timeoutMs: 60_000,
  });
  await apply("bystander");
  await ready("bystander");
}, 180_000);
afterAll(async () => {
  await cri?.[Symbol.asyncDispose]();
  await deployment?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 180_000);

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await deployment.kubectl("", ...args);
  expect(code, stderr).toBe(0);
  return stdout;
}

async function apply(name: string): Promise<void> {
  const shell = (container: string, script: string) => ({
    name: container,
    image: registry.busybox,
    command: ["sh", "-c", script],
    volumeMounts: [{ name: "kept", mountPath: "/kept" }],
  });
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      initContainers: [shell("init", "echo init >> /kept/runs")],
      containers: [shell("main", "echo main >> /kept/runs; exec sleep 1000")],
      volumes: [{ name: "kept", emptyDir: {} }],
    },
  };
  const { code, stderr } = await deployment.kubectl(JSON.stringify(pod), "apply", "-f", "-");
  expect(code, stderr).toBe(0);
}

const ready = (name: string) => kubectl("wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`);
const podOf = async (name: string) => JSON.parse(await kubectl("get", "pod", name, "-o", "json"));
const runsIn = async (name: string) =>
  (await kubectl("exec", name, "-c", "main", "--", "cat", "/kept/runs")).trim().split("\n");
const mainOf = async (name: string) => (await podOf(name)).status.containerStatuses[0];

async function sandboxOf(name: string): Promise<string> {
  const { items } = await cri.runtime.listPodSandbox({
    filter: {
      state: { state: PodSandboxState.SANDBOX_READY },
      labelSelector: { "io.kubernetes.pod.uid": (await podOf(name)).metadata.uid },
    },
  });
  return items[0]?.id ?? "";
}

const pidIn = (info: Readonly<Record<string, string>>): number => JSON.parse(info.info ?? "{}").pid;
const pauseOf = async (name: string) =>
  pidIn((await cri.runtime.podSandboxStatus({ podSandboxId: await sandboxOf(name), verbose: true })).info);
async function processOf(name: string): Promise<number> {
  const containerId = (await mainOf(name)).containerID.replace("containerd://", "");
  return pidIn((await cri.runtime.containerStatus({ containerId, verbose: true })).info);
}

/** containerd has one for each sandbox. */
async function shimOf(name: string): Promise<number> {
  const sandbox = await sandboxOf(name);
  const [shim] = processesOf("containerd-shim", sandbox);
  if (!shim) throw new Error(`no shim of ${sandbox}`);
  return shim.pid;
}

/** Ready again, its container restarted so many times. */
async function recovers(name: string, restarts: number): Promise<void> {
  await eventuallyPasses(
    async () =>
      expect(await mainOf(name)).toMatchObject({ ready: true, restartCount: restarts, state: { running: {} } }),
    { timeoutMs: 60_000 },
  );
}

let bystander: string;
beforeEach(async () => {
  bystander = (await mainOf("bystander")).containerID;
});
const expectBystanderUntouched = async () =>
  expect(await mainOf("bystander")).toMatchObject({ containerID: bystander, restartCount: 0, ready: true });

describe("SIGKILL of", () => {
  it("a container's process: it is restarted, alone", async () => {
    await apply("process");
    await ready("process");
    process.kill(await processOf("process"), "SIGKILL");
    await recovers("process", 1);
    expect(await runsIn("process")).toEqual(["init", "main", "main"]);
    expect((await mainOf("process")).lastState.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
    await expectBystanderUntouched();
  });

  it("the pause process: a new sandbox, in which init containers run again; volumes stay", async () => {
    await apply("pause");
    await ready("pause");
    const before = await sandboxOf("pause");
    process.kill(await pauseOf("pause"), "SIGKILL");
    await recovers("pause", 1);
    expect(await runsIn("pause")).toEqual(["init", "main", "init", "main"]);
    expect(await sandboxOf("pause")).not.toBe(before);
    await expectBystanderUntouched();
  });

  it("the shim, which takes the sandbox and its containers along", async () => {
    await apply("shim");
    await ready("shim");
    process.kill(await shimOf("shim"), "SIGKILL");
    await recovers("shim", 1);
    expect(await runsIn("shim")).toEqual(["init", "main", "init", "main"]);
    await expectBystanderUntouched();
  });
});

describe("silence of", () => {
  const silenceMs = Number(process.env.SILENCE_SECONDS ?? 10) * 1000;
  const silent = async (name: "nats-server" | "containerd", meanwhile: () => Promise<void>) => {
    const pid = deployment.pidOf(name) ?? 0;
    process.kill(pid, "SIGSTOP");
    try {
      await meanwhile();
      await systemClock.sleep(silenceMs);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  };

  it(
    "the bus: containers run on; what happened meanwhile is told, and made up for, when it speaks again",
    async () => {
      await apply("cut-off");
      await ready("cut-off");
      const pid = await processOf("cut-off");
      await silent("nats-server", async () => {
        process.kill(pid, "SIGKILL");
      });
      await recovers("cut-off", 1);
      await expectBystanderUntouched();
    },
    silenceMs + 110_000,
  );

  it(
    "the runtime in the middle of a start: the pod starts once when it speaks again",
    async () => {
      const began = Promise.withResolvers<void>();
      const stopListening = deployment.onStep(({ step, pod }) => {
        if (step === "sandbox" && pod === "default/hung") began.resolve();
      });
      await apply("hung");
      await began.promise;
      stopListening();
      await silent("containerd", async () => {});
      await recovers("hung", 0);
      expect(await runsIn("hung")).toEqual(["init", "main"]);
      await expectBystanderUntouched();
    },
    silenceMs + 110_000,
  );

  it(
    "the bus, with an agent that starts meanwhile: a static pod starts, and is shown when it speaks again",
    async () => {
      const manifests = `${deployment.layout.stateDir}/manifests`;
      await mkdir(manifests, { recursive: true });
      const containers = async () => {
        const { containers: all } = await cri.runtime.listContainers({
          filter: { labelSelector: { "io.kubernetes.pod.name": "static-node-1" } },
        });
        return all.map(({ id, state }) => ({ id, running: state === ContainerState.CONTAINER_RUNNING }));
      };
      let id: string | undefined;
      await silent("nats-server", async () => {
        deployment.kill("pod-lifecycle");
        const main = { name: "main", image: registry.busybox, command: ["sleep", "1000"] };
        const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "static" }, spec: { containers: [main] } };
        await writeFile(`${manifests}/static.json`, JSON.stringify(pod));
        await eventuallyPasses(
          async () => expect(await containers()).toEqual([{ id: expect.anything(), running: true }]),
          {
            timeoutMs: 60_000,
          },
        );
        [{ id = "" } = {}] = await containers();
      });
      await eventuallyPasses(() => ready("static-node-1"), { timeoutMs: 60_000 });
      expect(await containers()).toEqual([{ id, running: true }]);
      const { metadata, status } = await podOf("static-node-1");
      expect(metadata.annotations).toHaveProperty(["kubernetes.io/config.mirror"]);
      expect(status.containerStatuses[0]).toMatchObject({ restartCount: 0, containerID: `containerd://${id}` });
      await expectBystanderUntouched();
    },
    silenceMs + 180_000,
  );
});
