import { mkdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";
import { mountSmallFileSystem } from "../support/small-file-system.ts";

/** A container fills the disk on which volumes or logs lie: others run on, and what cannot be done says so until there is room. */
const small = { bytes: 16 * 1024 * 1024, files: 300 };

let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
beforeAll(async () => {
  registry = await startRegistryWithBusybox();
}, 60_000);
afterAll(() => registry?.[Symbol.asyncDispose]());

/** A podbus with a bystander, one directory of which is small; as long as the describe lasts. */
function withSmall(directory: string): void {
  const stack = new AsyncDisposableStack();
  beforeAll(async () => {
    const options = await freshOptions([registry.host]);
    const mounted = await mountSmallFileSystem(join(options.stateDir, directory), small);
    // One that cannot start takes away what it finds mounted.
    podbus = await PodbusProcess.start(options);
    stack.use(podbus);
    stack.use(mounted);
    // Whoever waits for room goes on, and can be ended.
    stack.defer(() => makeRoom(directory));
    await podbus.apply(pod("bystander", "exec sleep 1000"));
    await ready("bystander");
  }, 120_000);
  afterAll(() => stack.disposeAsync(), 120_000);
}

async function makeRoom(directory: string): Promise<void> {
  await kubectl("delete", "pods", "--all", "--grace-period=0", "--force", "--wait=false").catch(() => undefined);
  await rm(fillerIn(directory), { recursive: true, force: true });
}

/** So that not even an empty file or directory can be made. */
async function takeAllFiles(directory: string): Promise<void> {
  await mkdir(fillerIn(directory));
  const take = async () => {
    for (let n = 0; n < small.files; n++) await writeFile(join(fillerIn(directory), `${n}`), "");
  };
  await expect(take()).rejects.toThrow("ENOSPC");
}

const fillerIn = (directory: string) => join(podbus.options.stateDir, directory, "filler");
const kubectl = (...args: string[]) => podbus.kubectlOk("--request-timeout=30s", ...args);
const ready = (name: string) => kubectl("wait", "--for=condition=Ready", "--timeout=30s", `pod/${name}`);
const podOf = async (name: string) => JSON.parse(await kubectl("get", "pod", name, "-o", "json"));
const mainOf = async (name: string) => (await podOf(name)).status.containerStatuses[0];
const becomes = (name: string, status: object) =>
  eventuallyPasses(async () => expect(await mainOf(name)).toMatchObject(status), {
    timeoutMs: 30_000,
    intervalMs: 200,
  });
const freeBytes = async (directory: string) => {
  const { bavail, bsize } = await statfs(join(podbus.options.stateDir, directory));
  return bavail * bsize;
};
const hasRoom = (directory: string) =>
  eventuallyPasses(async () => expect(await freeBytes(directory)).toBeGreaterThan(small.bytes / 2), {
    timeoutMs: 30_000,
  });
const warningsOf = async (name: string): Promise<{ reason: string; message: string }[]> => {
  const selector = `involvedObject.name=${name},type=Warning`;
  return JSON.parse(await kubectl("get", "events", "--field-selector", selector, "-o", "json")).items;
};
const isTold = (name: string, reason: string, message: RegExp) => {
  const warning = expect.objectContaining({ reason, message: expect.stringMatching(message) });
  return eventuallyPasses(async () => expect(await warningsOf(name)).toContainEqual(warning), {
    timeoutMs: 30_000,
    intervalMs: 200,
  });
};

const pod = (name: string, script: string, spec: object = {}, container: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "main", image: registry.busybox, command: ["sh", "-c", script], ...container }],
    ...spec,
  },
});
const withVolume = (name: string, script: string, spec: object = {}, container: object = {}) =>
  pod(
    name,
    script,
    { volumes: [{ name: "data", emptyDir: {} }], ...spec },
    { volumeMounts: [{ name: "data", mountPath: "/data" }], ...container },
  );

/** Ends with 7, a second after the signal: whoever sends it from within the container is gone by then. */
const serve = "trap 'sleep 1; exit 7' TERM; sleep 1000 & wait";

let pid: number;
let bystander: string;
beforeEach(async () => {
  pid = podbus.pid;
  bystander = (await mainOf("bystander")).containerID;
});
async function expectOthersUntouched(): Promise<void> {
  expect(await mainOf("bystander")).toMatchObject({ containerID: bystander, restartCount: 0, ready: true });
  expect(await kubectl("exec", "bystander", "--", "echo", "here")).toBe("here\n");
  expect(await kubectl("get", "nodes")).toContain(" Ready ");
  // Nobody has had to start again.
  process.kill(pid, 0);
}

describe("where volumes are, a full disk", () => {
  withSmall("pods");

  it("ends who fills it with ENOSPC, and nobody else", async () => {
    const fill = "n=0; while touch /data/$n; do n=$((n + 1)); done; exec dd if=/dev/zero of=/data/0 bs=64k";
    await podbus.apply(withVolume("restarted", serve));
    await ready("restarted");
    const policy = { terminationMessagePolicy: "FallbackToLogsOnError" };
    await podbus.apply(withVolume("filler", fill, { restartPolicy: "Never" }, policy));
    const message = expect.stringContaining("error writing '/data/0': No space left on device");
    await becomes("filler", { ready: false, state: { terminated: { exitCode: 1, reason: "Error", message } } });
    expect((await podOf("filler")).status.phase).toBe("Failed");
    expect(await freeBytes("pods")).toBe(0);
    await expectOthersUntouched();
  });

  it("keeps new pods and new runs waiting, and they say why", async () => {
    await podbus.apply(withVolume("newcomer", "exec sleep 1000"));
    await podbus.apply(withVolume("unwanted", "exec sleep 1000"));
    await podbus.apply(pod("without-volumes", "exec sleep 1000"));
    await kubectl("exec", "restarted", "--", "kill", "1");
    for (const name of ["newcomer", "unwanted"]) {
      await isTold(
        name,
        "FailedMount",
        /^MountVolume.SetUp failed for volume "data" : ENOSPC: no space left on device/,
      );
      expect((await podOf(name)).status.phase).toBe("Pending");
    }
    const waiting = {
      reason: "CreateContainerError",
      message: expect.stringContaining("ENOSPC: no space left on device"),
    };
    await becomes("without-volumes", { ready: false, state: { waiting } });
    await becomes("restarted", { ready: false, state: { waiting }, restartCount: 0 });
    await expectOthersUntouched();
  });

  it("does not hold up the deletion of a pod", async () => {
    await kubectl("delete", "pod", "unwanted", "--timeout=20s");
    expect(await freeBytes("pods")).toBe(0);
    await kubectl("delete", "pod", "filler", "--timeout=20s");
    await hasRoom("pods");
  });

  it("is no more of anybody's concern once there is room", async () => {
    await Promise.all(["newcomer", "without-volumes", "restarted"].map(ready));
    expect(await mainOf("newcomer")).toMatchObject({ restartCount: 0 });
    expect(await mainOf("restarted")).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 7, reason: "Error" } },
    });
    expect(
      await kubectl("exec", "newcomer", "--", "sh", "-c", "echo fits > /data/a && cat /data/a /etc/hosts"),
    ).toContain("fits");
    await expectOthersUntouched();
  });
});

describe("where logs are, a full disk", () => {
  withSmall("logs");

  it("holds up who fills it, and nobody else", async () => {
    await podbus.apply(pod("talker", "exec cat /dev/urandom"));
    await podbus.apply(pod("quiet", "exec sleep 1000"));
    await Promise.all(["talker", "quiet"].map(ready));
    await eventuallyPasses(async () => expect(await freeBytes("logs")).toBe(0), { timeoutMs: 30_000 });
    expect(await mainOf("talker")).toMatchObject({ ready: true, restartCount: 0 });
    await expectOthersUntouched();
  });

  it("does not keep pods from being made, ending and being deleted", async () => {
    await podbus.apply(pod("newcomer", "exec sleep 1000"));
    await podbus.apply(pod("short", "exit 7", { restartPolicy: "Never" }));
    await ready("newcomer");
    await becomes("short", { ready: false, state: { terminated: { exitCode: 7, reason: "Error" } } });
    expect((await podOf("short")).status.phase).toBe("Failed");
    await kubectl("delete", "pod", "quiet", "short", "--timeout=20s");
    await expectOthersUntouched();
  });

  it("keeps new pods waiting where it takes no more directories, and they say why", async () => {
    await takeAllFiles("logs");
    await podbus.apply(pod("late", "while sleep 0.5; do echo here; done"));
    await isTold("late", "FailedCreatePodSandBox", /^Failed to create pod sandbox: ENOSPC: no space left on device/);
    expect((await podOf("late")).status.phase).toBe("Pending");
    expect(await freeBytes("logs")).toBe(0);
    await expectOthersUntouched();
  });

  it("has room again when who filled it is deleted, at once", async () => {
    await kubectl("delete", "pod", "talker", "--grace-period=0", "--force", "--timeout=20s");
    await hasRoom("logs");
    await rm(fillerIn("logs"), { recursive: true });
    await ready("late");
    // It may have begun when there was room for its directories, but for no line yet.
    await eventuallyPasses(async () => expect(await kubectl("logs", "late")).toContain("here\n"));
    expect(await mainOf("newcomer")).toMatchObject({ ready: true, restartCount: 0 });
    await expectOthersUntouched();
  });

  it("leaves a hole in podbus' own log, which says so", async () => {
    const own = join(podbus.options.stateDir, "logs/podbus.log");
    await eventuallyPasses(async () =>
      expect(await readFile(own, "utf8")).toMatch(/"lost":\d+,"msg":"lines of this log/),
    );
  });
});
