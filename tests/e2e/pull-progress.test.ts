import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { buildBusyboxImage } from "@podbus/images";
import {
  eventually,
  type HaltingRegistry,
  startHaltingRegistry,
  startRegistry,
  type TestRegistry,
} from "@podbus/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshOptions, launcher, PodbusProcess } from "../support/podbus-process.ts";
import { spansOf } from "../support/traces.ts";

/** A pull that stops half-way, as the person at the machine sees it. */
let registry: TestRegistry;
let halting: HaltingRegistry;
let podbus: PodbusProcess;

async function pushLarge(repositoryAndTag: string): Promise<void> {
  const extra = [{ kind: "file" as const, path: "etc/large", content: randomBytes(16_000_000) }];
  await registry.push(await buildBusyboxImage({ extra }), repositoryAndTag);
}

beforeAll(async () => {
  registry = await startRegistry();
  await pushLarge("shop/large:1");
  halting = await startHaltingRegistry(registry.url);
  podbus = await PodbusProcess.start(await freshOptions([halting.host]));
}, 120_000);

afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await halting?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

function follow(pod: string) {
  const child = spawn(launcher, ["trace", "-f", pod, "--state-dir", podbus.options.stateDir]);
  const code = once(child, "close").then(([value]) => value as number);
  const said = { code, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    said.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    said.stderr += chunk.toString();
  });
  return said;
}

it("status and trace -f tell how far the pull is, and the trace keeps it", async () => {
  const image = `${halting.host}/shop/large:1`;
  await podbus.kubectlOk("run", "large", `--image=${image}`, "--", "sleep", "1000");
  const following = follow("large");
  const share = await eventually(
    async () => {
      const { stdout } = await podbus.podbus("status");
      const row = stdout.split("\n").find((line) => line.includes("default/large")) ?? "";
      const [, percent] = /^node-1 +default\/large +large +\S+ +(\d+)% \([\d.]+ MB of 17\.\d MB\)$/.exec(row) ?? [];
      return Number(percent) > 20 && Number(percent);
    },
    { timeoutMs: 30_000 },
  );
  expect(share).toBeLessThan(60);
  await eventually(() => following.stderr.includes("MB of"), { timeoutMs: 10_000 });
  halting.resume();
  expect(await following.code).toBe(0);
  expect(following.stderr).toMatch(new RegExp(`^pull large: ${image}: \\d+% \\(\\d`, "m"));
  expect(following.stdout).toMatch(/pull image +image-puller/);
  expect((await podbus.podbus("status")).stdout).not.toContain("default/large");
  const pod = JSON.parse(await podbus.kubectlOk("get", "pod", "large", "-o", "json"));
  const traceId = pod.metadata.annotations["podbus.dev/traceparent"].split("-")[1];
  const pull = (await spansOf(podbus, traceId)).find(({ name }) => name === "pull image");
  expect(pull?.events.map(({ name }) => name)).toContain("progress");
});

it("killed in the middle of a pull, it knows of the pull, and finishes it later", async () => {
  await using slow = await startHaltingRegistry(registry.url);
  await pushLarge("shop/later:1");
  const records = (kind: string) => readdir(join(podbus.options.stateDir, "image_manager", kind));
  const before = (await records("pulled")).length;
  await podbus.kubectlOk("run", "later", `--image=${slow.host}/shop/later:1`, "--", "sleep", "1000");
  await eventually(async () => (await records("pulling")).length === 1, { timeoutMs: 30_000 });
  await podbus.stop("SIGKILL");
  expect(await records("pulling")).toHaveLength(1);
  slow.resume();
  await podbus.startAgain();
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/later");
  expect(await records("pulling")).toEqual([]);
  expect(await records("pulled")).toHaveLength(before + 1);
});
