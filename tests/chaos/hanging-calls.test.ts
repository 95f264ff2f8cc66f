import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireBinary } from "@podbus/binaries";
import { systemClock } from "@podbus/clock";
import { ContainerState, PodSandboxState } from "@podbus/contracts/cri";
import { type Cri, createCri } from "@podbus/cri";
import { eventually, eventuallyPasses } from "@podbus/testkit";
import { layoutOf } from "podbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/**
 * A real containerd that is silent past the deadline of a call, and holds on to what it is making. What it waits for is
 * a pipe: the seccomp profile of a sandbox or a container, which it reads while it makes it, or one that runc is told of.
 * Whoever comes next finds a file in the pipe's place.
 */
const requestTimeoutMs = 3_000;

let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let cri: Cri;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  const options = await freshOptions([registry.host]);
  const programs = join(options.stateDir, "programs");
  await mkdir(programs);
  await writeFile(join(programs, "runc"), waitingRunc(requireBinary("runc")), { mode: 0o755 });
  await mkdir(join(options.stateDir, "seccomp"));
  const env = {
    PODBUS_RUNTIME_REQUEST_TIMEOUT: `${requestTimeoutMs / 1000}s`,
    PATH: `${programs}:${process.env.PATH}`,
  };
  podbus = await PodbusProcess.start({ ...options, env });
  cri = createCri({ endpoint: `unix://${layoutOf(options.stateDir).containerdSocket}`, clock: systemClock });
}, 120_000);
afterAll(async () => {
  await cri?.[Symbol.asyncDispose]();
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

/** Before it creates a container it reads what that one's variable WAITS_FOR names. */
const waitingRunc = (runc: string) => `#!/bin/sh
for argument; do
  [ "$argument" = create ] && creates=yes
  [ "$before" = --bundle ] && bundle=$argument
  before=$argument
done
if [ "$creates" ]; then
  pipe=$(sed -n 's/.*"WAITS_FOR=\\([^"]*\\)".*/\\1/p' "$bundle/config.json")
  [ "$pipe" ] && read -r _ < "$pipe"
fi
exec ${runc} "$@"
`;

const profile = JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW" });
const profileFile = (name: string) => join(podbus.options.stateDir, "seccomp", name);
const profileOf = (localhostProfile: string) => ({ seccompProfile: { type: "Localhost", localhostProfile } });
const unconfined = { seccompProfile: { type: "Unconfined" } };

async function apply(name: string, spec: object = {}, container: object = {}): Promise<void> {
  const main = {
    name: "main",
    image: registry.busybox,
    command: ["sh", "-c", "echo main >> /kept/runs; exec sleep 1000"],
    volumeMounts: [{ name: "kept", mountPath: "/kept" }],
    ...container,
  };
  const volumes = [{ name: "kept", emptyDir: {} }];
  await podbus.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 0, containers: [main], volumes, ...spec },
  });
}

/** Applies a pod one call for which does not return until what this answers is called. */
async function applyHanging(name: string, spec: object, container: object): Promise<() => Promise<void>> {
  const file = profileFile(name);
  await promisify(execFile)("mkfifo", [file]);
  await apply(name, spec, container);
  // Only where somebody reads does a pipe open: fifo(7), ENXIO.
  const pipe: FileHandle = await eventually(() => open(file, constants.O_WRONLY | constants.O_NONBLOCK), {
    timeoutMs: 30_000,
    message: `nobody reads ${file}`,
  });
  await writeFile(`${file}.next`, profile);
  await rename(`${file}.next`, file);
  return async () => {
    // Who has been ended meanwhile reads no more.
    await pipe.write(profile).catch(() => undefined);
    await pipe.close();
  };
}

const ready = (name: string) => podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", `pod/${name}`);
const mainOf = async (name: string) =>
  JSON.parse(await podbus.kubectlOk("get", "pod", name, "-o", "json")).status.containerStatuses[0];
const runsIn = async (name: string) =>
  (await podbus.kubectlOk("exec", name, "--", "cat", "/kept/runs")).trim().split("\n");

async function isTold(name: string, event: RegExp): Promise<void> {
  const selector = `involvedObject.name=${name}`;
  const events = async () => {
    const { items } = JSON.parse(await podbus.kubectlOk("get", "events", "--field-selector", selector, "-o", "json"));
    return items.map((each: { reason: string; message: string }) => `${each.reason} ${each.message}`);
  };
  await eventuallyPasses(async () => expect(await events()).toContainEqual(expect.stringMatching(event)), {
    timeoutMs: 30_000,
    intervalMs: 100,
  });
}

const states: Readonly<Record<number, string>> = {
  [ContainerState.CONTAINER_CREATED]: "created",
  [ContainerState.CONTAINER_RUNNING]: "running",
  [ContainerState.CONTAINER_EXITED]: "exited",
  [ContainerState.CONTAINER_UNKNOWN]: "unknown",
};
/** What the runtime has of a pod: the attempts of its sandboxes that are ready, and of its containers. */
async function inRuntime(name: string) {
  const filter = { labelSelector: { "io.kubernetes.pod.name": name } };
  const { items } = await cri.runtime.listPodSandbox({ filter });
  const { containers } = await cri.runtime.listContainers({ filter });
  return {
    sandboxes: items.map(({ state }) => (state === PodSandboxState.SANDBOX_READY ? "ready" : "not ready")),
    containers: containers.map(({ metadata, state }) => `${metadata?.attempt} ${states[state]}`).sort(),
  };
}
const comesToHave = (name: string, what: object) =>
  eventuallyPasses(async () => expect(await inRuntime(name)).toEqual(what), { timeoutMs: 30_000, intervalMs: 200 });

async function leavesNothing(name: string): Promise<void> {
  await podbus.kubectlOk("delete", "pod", name, "--timeout=30s");
  await comesToHave(name, { sandboxes: [], containers: [] });
}

describe.concurrent("past its deadline there hangs", () => {
  it("CreateContainer: its name is reserved until it is done, then what it made is the pod's", async () => {
    const goOn = await applyHanging("create", {}, { securityContext: profileOf("create") });
    await isTold("create", /^Failed Error: container runtime: CreateContainer did not answer within 3000 ms$/);
    await isTold("create", /^Failed Error: failed to reserve container name "main_create_.*_0": .* is reserved for /);
    await goOn();
    await ready("create");
    expect(await mainOf("create")).toMatchObject({ restartCount: 0 });
    expect(await runsIn("create")).toEqual(["main"]);
    expect(await inRuntime("create")).toEqual({ sandboxes: ["ready"], containers: ["0 running"] });
    await leavesNothing("create");
  });

  it("CreateContainer for longer: the next attempt runs, and what comes of the first one never does", async () => {
    const goOn = await applyHanging("given-up", {}, { securityContext: profileOf("given-up") });
    await ready("given-up");
    await isTold("given-up", /^Failed Error: failed to reserve container name "main_given-up_.*_0": /);
    expect(await inRuntime("given-up")).toEqual({ sandboxes: ["ready"], containers: ["1 running"] });
    const { containerID } = await mainOf("given-up");
    await goOn();
    await comesToHave("given-up", { sandboxes: ["ready"], containers: ["0 created", "1 running"] });
    expect(await mainOf("given-up")).toMatchObject({ containerID, ready: true, restartCount: 0 });
    expect(await runsIn("given-up")).toEqual(["main"]);
    await leavesNothing("given-up");
  });

  it("RunPodSandbox: its name is reserved until it is done, and one sandbox is left in the end", async () => {
    const goOn = await applyHanging(
      "sandbox",
      { securityContext: profileOf("sandbox") },
      { securityContext: unconfined },
    );
    const failed = "FailedCreatePodSandBox Failed to create pod sandbox";
    await isTold("sandbox", new RegExp(`^${failed}: container runtime: RunPodSandbox did not answer within 6000 ms$`));
    await isTold(
      "sandbox",
      new RegExp(`^${failed}: failed to reserve sandbox name "sandbox_.*_0": .* is reserved for `),
    );
    await goOn();
    await ready("sandbox");
    await comesToHave("sandbox", { sandboxes: ["ready"], containers: ["0 running"] });
    expect(await mainOf("sandbox")).toMatchObject({ restartCount: 0 });
    expect(await runsIn("sandbox")).toEqual(["main"]);
    await leavesNothing("sandbox");
  });

  it("StartContainer: the runtime gives that container up, and the next one is a restart", async () => {
    const waits = { env: [{ name: "WAITS_FOR", value: profileFile("start") }] };
    const goOn = await applyHanging("start", {}, waits);
    await isTold("start", /^Failed Error: container runtime: StartContainer did not answer within 3000 ms$/);
    await isTold("start", /^Failed Error: failed to set starting state for container .* is already in starting state$/);
    await ready("start");
    await goOn();
    expect(await mainOf("start")).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 128, reason: "StartError" } },
    });
    expect(await runsIn("start")).toEqual(["main"]);
    expect(await inRuntime("start")).toEqual({ sandboxes: ["ready"], containers: ["0 exited", "1 running"] });
    await leavesNothing("start");
  });
});

it("stopped as a whole, it answers what nobody waits for any more: pods go on, and a new one starts once", async () => {
  await apply("bystander");
  await ready("bystander");
  const { containerID } = await mainOf("bystander");
  const pid = Number(await readFile(join(layoutOf(podbus.options.stateDir).runDir, "containerd.pid"), "utf8"));
  process.kill(pid, "SIGSTOP");
  try {
    await apply("newcomer");
    await isTold("newcomer", /^FailedCreatePodSandBox .*: RunPodSandbox did not answer within 6000 ms$/);
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await ready("newcomer");
  await comesToHave("newcomer", { sandboxes: ["ready"], containers: ["0 running"] });
  expect(await mainOf("newcomer")).toMatchObject({ restartCount: 0 });
  expect(await runsIn("newcomer")).toEqual(["main"]);
  expect(await mainOf("bystander")).toMatchObject({ containerID, ready: true, restartCount: 0 });
});
