import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { eventuallyPasses } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** Logs that are put aside while they are written and read, and what containers leave as their last words. */
let registry: RegistryWithBusybox;
let podbus: PodbusProcess;
let logs: string;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  const options = await freshOptions([registry.host]);
  logs = join(options.stateDir, "logs/pods");
  const env = {
    PODBUS_CONTAINER_LOG_MAX_SIZE: "20k",
    PODBUS_CONTAINER_LOG_MAX_FILES: "3",
    PODBUS_CONTAINER_LOG_MONITOR_INTERVAL: "1s",
  };
  podbus = await PodbusProcess.start({ ...options, env });
}, 120_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const pod = (name: string, script: string, container: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "main", image: registry.busybox, command: ["sh", "-c", script], ...container }],
  },
});
const ended = (name: string) =>
  podbus.kubectlOk("wait", "--for=jsonpath={.status.phase}=Failed", "--timeout=60s", `pod/${name}`);
const endOf = async (name: string) =>
  JSON.parse(await podbus.kubectlOk("get", "pod", name, "-o", "json")).status.containerStatuses[0].state.terminated;

/** `kubectl logs -f`, and what it has printed so far. */
function follow(name: string): { text(): string; readonly end: Promise<unknown> } {
  const args = ["--kubeconfig", podbus.kubeconfig, "logs", "-f", name];
  const child = spawn(requireBinary("kubectl"), args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { text: () => text, end: once(child, "close") };
}

describe("a log that grows", () => {
  const batches = 5;
  const perBatch = 1_000;

  it("is put aside, and who follows it gets each line once", async () => {
    const write = `i=0; while [ $i -lt ${perBatch} ]; do echo line $((b * ${perBatch} + i)); i=$((i + 1)); done; sleep 1.2`;
    const talk = `b=0; while [ $b -lt ${batches} ]; do ${write}; b=$((b + 1)); done; exit 1`;
    await podbus.apply(pod("talker", `echo listen; until [ -e /go ]; do sleep 0.1; done; ${talk}`));
    await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/talker");
    const followed = follow("talker");
    // Who comes later gets what the current file has: it must be there before one is put aside.
    await eventuallyPasses(async () => expect(followed.text()).toBe("listen\n"), { timeoutMs: 30_000 });
    await podbus.kubectlOk("exec", "talker", "--", "touch", "/go");
    await ended("talker");
    await followed.end;
    const lines = Array.from({ length: batches * perBatch }, (_, line) => `line ${line}\n`);
    const all = ["listen\n", ...lines].join("");
    expect(followed.text()).toBe(all);

    const [directory = ""] = (await readdir(logs)).filter((each) => each.startsWith("default_talker_"));
    const files = (await readdir(join(logs, directory, "main"))).toSorted();
    expect(files).toEqual([
      "0.log",
      expect.stringMatching(/^0\.log\.[-\d]+\.gz$/),
      expect.stringMatching(/^0\.log\.[-\d]+$/),
    ]);
    // As in Kubernetes, without -f what is in the current file.
    expect(all.endsWith(await podbus.kubectlOk("logs", "talker"))).toBe(true);

    await podbus.kubectlOk("delete", "pod", "talker");
    await eventuallyPasses(async () => expect((await readdir(logs)).join()).not.toContain("talker"));
  });
});

describe("last words", () => {
  it("are what the container wrote to its file, else the end of its log if it failed", async () => {
    const policy = { terminationMessagePolicy: "FallbackToLogsOnError" };
    await podbus.apply(pod("file", "echo first; echo -n bye > /dev/termination-log; exit 3", policy));
    await podbus.apply(pod("log", "for i in $(seq 100); do echo $i; done; exit 3", policy));
    await podbus.apply(pod("linked", "rm -f /tmp/m; ln -sf /etc/passwd /dev/termination-log; exit 3"));
    await Promise.all(["file", "log", "linked"].map(ended));
    expect(await endOf("file")).toMatchObject({ exitCode: 3, reason: "Error", message: "bye" });
    const numbers = Array.from({ length: 80 }, (_, index) => `${index + 21}\n`).join("");
    expect(await endOf("log")).toMatchObject({ exitCode: 3, message: numbers });
    expect((await endOf("linked")).message).toBeUndefined();
  });

  it("of a container that took too much memory: OOMKilled", async () => {
    const greedy = { resources: { limits: { memory: "16Mi" } } };
    await podbus.apply(pod("greedy", "exec tail /dev/zero", greedy));
    await ended("greedy");
    expect(await endOf("greedy")).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });
});
