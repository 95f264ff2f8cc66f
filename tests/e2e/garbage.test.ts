import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@podbus/clock";
import { type Cri, createCri } from "@podbus/cri";
import { eventuallyPasses } from "@podbus/testkit";
import { layoutOf } from "podbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** What pods leave behind in the runtime, on disk and in the kernel: nothing. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let cri: Cri;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  podbus = await PodbusProcess.start(await freshOptions([registry.host]));
  cri = createCri({
    endpoint: `unix://${layoutOf(podbus.options.stateDir).containerdSocket}`,
    clock: systemClock,
  });
}, 120_000);
afterAll(async () => {
  await cri?.[Symbol.asyncDispose]();
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const pod = (name: string, script: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 0,
    initContainers: [{ name: "init", image: registry.busybox, command: ["true"] }],
    containers: [
      {
        name: "main",
        image: registry.busybox,
        command: ["sh", "-c", script],
        volumeMounts: [
          { name: "data", mountPath: "/data" },
          { name: "fast", mountPath: "/fast" },
          { name: "data", mountPath: "/part", subPath: "part" },
        ],
      },
    ],
    volumes: [
      { name: "data", emptyDir: {} },
      { name: "fast", emptyDir: { medium: "Memory" } },
    ],
  },
});

const uidOf = (name: string) => podbus.kubectlOk("get", "pod", name, "-o", "jsonpath={.metadata.uid}");
const byUid = (uid: string) => ({ labelSelector: { "io.kubernetes.pod.uid": uid } });
const containersOf = async (uid: string) => (await cri.runtime.listContainers({ filter: byUid(uid) })).containers;
const sandboxesOf = async (uid: string) => (await cri.runtime.listPodSandbox({ filter: byUid(uid) })).items;

/** Every path below a directory that names the pod; cgroup files of others may vanish while it is read. */
async function pathsNaming(uid: string, directory: string, depth: number): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      if (entry.name.includes(uid) || entry.name.includes(uid.replaceAll("-", "_"))) return [path];
      return entry.isDirectory() && depth > 0 ? pathsNaming(uid, path, depth - 1) : [];
    }),
  );
  return found.flat();
}

async function leftOf(uid: string) {
  const { stateDir } = podbus.options;
  const { runDir } = layoutOf(stateDir);
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").filter((line) => line.includes(uid));
  return {
    containers: (await containersOf(uid)).map(({ id }) => id),
    sandboxes: (await sandboxesOf(uid)).map(({ id }) => id),
    files: [...(await pathsNaming(uid, stateDir, 4)), ...(await pathsNaming(uid, runDir, 4))],
    cgroups: await pathsNaming(uid, "/sys/fs/cgroup", 4),
    mounts,
  };
}
const nothing = { containers: [], sandboxes: [], files: [], cgroups: [], mounts: [] };

async function restarted(name: string, times: number): Promise<void> {
  const path = "jsonpath={.status.containerStatuses[0].restartCount}";
  await eventuallyPasses(
    async () => expect(Number(await podbus.kubectlOk("get", "pod", name, "-o", path))).toBeGreaterThanOrEqual(times),
    { timeoutMs: 90_000 },
  );
}

describe("garbage", () => {
  it("of a container that crashes again and again: the newest run stays and the one before it, and their logs", async () => {
    await podbus.apply(pod("crasher", "echo run; exit 1"));
    await restarted("crasher", 3);
    const uid = await uidOf("crasher");
    await eventuallyPasses(async () => {
      const runs = (await containersOf(uid)).filter(({ metadata }) => metadata?.name === "main");
      expect(runs.length).toBeLessThanOrEqual(2);
      const logs = join(podbus.options.stateDir, "logs/pods", `default_crasher_${uid}`, "main");
      expect((await readdir(logs)).length).toBeLessThanOrEqual(2);
    });
    expect(await podbus.kubectlOk("logs", "crasher", "--previous")).toBe("run\n");
  });

  it("of pods that are removed, whatever they did before: none", async () => {
    await podbus.apply(pod("runner", "echo one > /data/file; echo two > /fast/file; sleep 1000"));
    await podbus.apply(pod("exiter", "sleep 1"));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/runner");
    await podbus.kubectlOk("exec", "runner", "--", "kill", "-9", "-1").catch(() => undefined);
    await restarted("exiter", 2);
    const names = ["crasher", "runner", "exiter"];
    const uids = await Promise.all(names.map(uidOf));
    for (const uid of uids) {
      const before = await leftOf(uid);
      for (const [what, found] of Object.entries(before)) expect(found, `${what} of ${uid}`).not.toEqual([]);
    }
    await podbus.kubectlOk("delete", "pod", ...names);
    for (const uid of uids) {
      await eventuallyPasses(async () => expect(await leftOf(uid)).toEqual(nothing), { timeoutMs: 30_000 });
    }
  });

  it("of a pod that is being removed when podbus is killed: none, once it is there again", async () => {
    await podbus.apply(pod("left", "sleep 1000"));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/left");
    const uid = await uidOf("left");
    await podbus.kubectlOk("delete", "pod", "left", "--wait=false");
    await podbus.stop("SIGKILL");
    await podbus.startAgain();
    await eventuallyPasses(async () => expect(await leftOf(uid)).toEqual(nothing), { timeoutMs: 60_000 });
  });
});
