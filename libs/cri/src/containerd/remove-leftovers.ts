import { execFile } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { findBinary } from "@podbus/binaries";
import type { Clock } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { Cri } from "../cri.ts";
import { type ContainerdSettings, containerdPaths } from "./containerd-config.ts";

const run = promisify(execFile);

/**
 * Stops and removes every sandbox, with its containers and addresses. Needs a running containerd: only it can run
 * the network plugins' side of the removal.
 */
export async function removeAllSandboxes(cri: Cri): Promise<void> {
  const { items } = await cri.runtime.listPodSandbox({});
  await Promise.all(
    items.map(async ({ id }) => {
      await cri.runtime.stopPodSandbox({ podSandboxId: id });
      await cri.runtime.removePodSandbox({ podSandboxId: id });
    }),
  );
}

/**
 * Removes what a stopped containerd of ours leaves on the machine: shims, mounts, the bridge, its directories.
 * Touches nothing of another instance. Everything is tried; what could not be removed is in the answer.
 */
export async function removeContainerdLeftovers(
  settings: ContainerdSettings,
  clock: Clock,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    await work().catch((error: unknown) => problems.push(`${what}: ${toPodbusError(error).message}`));
  };
  await attempt("shims", () => endShims(containerdPaths(settings).socket, clock));
  for (const dir of [settings.runDir, settings.rootDir]) {
    await attempt(`mounts below ${dir}`, () => unmountBelow(dir));
    await attempt(dir, () => rm(dir, { recursive: true, force: true }));
  }
  await attempt(`bridge ${settings.bridge}`, () => deleteBridge(settings.bridge));
  return problems;
}

/** A shim's command line names the containerd that it belongs to; its containers die with it (the shim is a subreaper). */
async function endShims(socket: string, clock: Clock): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const shims = await shimsOf(socket);
    if (shims.length === 0) return;
    for (const pid of shims) await endTree(pid);
    await clock.sleep(20);
  }
  throw new Error(`shims of ${socket} do not end`);
}

async function shimsOf(socket: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await allPids()) {
    const args = await commandLine(pid);
    if (args[0]?.includes("containerd-shim") && args.includes(socket)) found.push(pid);
  }
  return found;
}

async function endTree(pid: number): Promise<void> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  for (const child of children.split(" ").filter(Boolean)) await endTree(Number(child));
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function allPids(): Promise<number[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function commandLine(pid: number): Promise<string[]> {
  // The process may be gone by now.
  return (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
}

async function unmountBelow(dir: string): Promise<void> {
  const mountinfo = await readFile("/proc/self/mountinfo", "utf8");
  const points = mountinfo
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point.startsWith(`${dir}/`))
    .sort((a, b) => b.length - a.length);
  for (const point of points) await run("umount", ["--lazy", point]);
}

async function deleteBridge(bridge: string): Promise<void> {
  const ip = findBinary("ip");
  if (ip === undefined) return;
  const exists = await run(ip, ["link", "show", bridge]).then(
    () => true,
    () => false,
  );
  if (exists) await run(ip, ["link", "delete", bridge]);
}
