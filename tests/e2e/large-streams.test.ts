import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { requireBinary } from "@podbus/binaries";
import { systemClock } from "@podbus/clock";
import { eventually, freePort } from "@podbus/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshOptions, PodbusProcess } from "../support/podbus-process.ts";
import { type RegistryWithBusybox, startRegistryWithBusybox } from "../support/registry.ts";

/** A gigabyte through each stream arrives whole, and none of it stays in memory. About half a minute for each. */
const gigabyte = 1_000_000_000;
const allowedMiB = 100;
const limitMs = 300_000;
const line = "a line of a log that is as long as those of a web server, with its times, paths and agents: 100 char";

let registry: RegistryWithBusybox;
let podbus: PodbusProcess;

beforeAll(async () => {
  registry = await startRegistryWithBusybox();
  const env = { PODBUS_CONTAINER_LOG_MAX_SIZE: "2Gi" };
  podbus = await PodbusProcess.start({ ...(await freshOptions([registry.host])), env });
  await podbus.apply(
    pod("source", ["sh", "-c", `while true; do nc -l -p 7000 -e head -c ${gigabyte} /dev/zero; done`]),
  );
  await podbus.kubectlOk("wait", "--for=condition=Ready", "--timeout=60s", "pod/source");
}, 180_000);
afterAll(async () => {
  await podbus?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
}, 120_000);

const pod = (name: string, command: string[]) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 0,
    containers: [{ name: "main", image: registry.busybox, command }],
  },
});

const kubectl = (...args: string[]): ChildProcess =>
  spawn(requireBinary("kubectl"), ["--kubeconfig", podbus.kubeconfig, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });

/** Of the process with all services. */
async function residentMiB(): Promise<number> {
  const status = await readFile(`/proc/${podbus.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

/** How much memory the work took at its peak, beyond what there was before. */
async function growthMiB(work: () => Promise<void>): Promise<number> {
  const before = await residentMiB();
  let peak = before;
  const over = new AbortController();
  const watch = async () => {
    while (!over.signal.aborted) {
      peak = Math.max(peak, await residentMiB());
      await systemClock.sleep(200, over.signal).catch(() => undefined);
    }
  };
  const watching = watch();
  try {
    await work();
  } finally {
    over.abort();
    await watching;
  }
  return peak - before;
}

async function sumOf(stream: Readable): Promise<{ bytes: number; sum: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sum: hash.digest("hex") };
}

function expectedSum(piece: Buffer, times: number): { bytes: number; sum: string } {
  const hash = createHash("sha256");
  for (let n = 0; n < times; n++) hash.update(piece);
  return { bytes: piece.length * times, sum: hash.digest("hex") };
}

const zeros = () => expectedSum(Buffer.alloc(1_000_000), 1_000);

describe("a gigabyte", () => {
  it(
    "of output of exec",
    async () => {
      const grown = await growthMiB(async () => {
        const child = kubectl("exec", "source", "--", "head", "-c", `${gigabyte}`, "/dev/zero");
        expect(await sumOf(child.stdout as Readable)).toEqual(zeros());
      });
      expect(grown).toBeLessThan(allowedMiB);
    },
    limitMs,
  );

  it(
    "through port-forward",
    async () => {
      const port = await freePort();
      const forward = kubectl("port-forward", "source", `${port}:7000`);
      let said = "";
      forward.stdout?.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
      await eventually(() => said.includes(`127.0.0.1:${port}`), { timeoutMs: 20_000, message: "forwarding" });
      const grown = await growthMiB(async () => {
        expect(await sumOf(connect(port, "127.0.0.1"))).toEqual(zeros());
      });
      const exit = once(forward, "exit");
      forward.kill("SIGINT");
      await exit;
      expect(grown).toBeLessThan(allowedMiB);
    },
    limitMs,
  );

  it(
    "of a log",
    async () => {
      const piece = Buffer.from(`${line}\n`);
      const lines = Math.ceil(gigabyte / piece.length / 10_000) * 10_000;
      const grown = await growthMiB(async () => {
        await podbus.apply(pod("talker", ["sh", "-c", `yes '${line}' | head -n ${lines}`]));
        const done = ["wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=240s", "pod/talker"];
        const { code, stderr } = await podbus.kubectlWith({ timeoutMs: 250_000 }, ...done);
        expect(code, stderr).toBe(0);
        const child = kubectl("logs", "talker");
        expect(await sumOf(child.stdout as Readable)).toEqual(
          expectedSum(Buffer.from(`${line}\n`.repeat(10_000)), lines / 10_000),
        );
      });
      expect(grown).toBeLessThan(allowedMiB);
    },
    limitMs,
  );
});
