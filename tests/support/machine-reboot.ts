import { execFile } from "node:child_process";
import { readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { layoutOf } from "podbus";
import { processesOf, runningProcesses } from "./processes.ts";

const run = promisify(execFile);
const namespaces = "/run/netns";

/**
 * Leaves a stopped podbus as a reboot of the machine would: no process of a container, nothing in /run, no network
 * namespace, another boot id. Its disk stays.
 */
export async function rebootUnder(stateDir: string): Promise<void> {
  const { runDir } = layoutOf(stateDir);
  const shims = processesOf("containerd-shim", runDir);
  const inside = descendants(shims.map(({ pid }) => pid));
  const networks = new Set(await Promise.all(inside.map(networkOf)));
  networks.delete(await networkOf(process.pid));
  for (const pid of [...shims.map(({ pid }) => pid), ...inside]) kill(pid);
  for (const name of await readdir(namespaces).catch(() => [])) {
    const path = join(namespaces, name);
    if (!networks.has((await stat(path)).ino)) continue;
    await run("umount", ["--lazy", path]);
    await rm(path);
  }
  for (const path of await mountsIn(runDir)) await run("umount", ["--lazy", path]);
  await rm(runDir, { recursive: true });
  await writeFile(join(stateDir, "boot-id"), "the-boot-before");
}

/** The newest first, so that what lies below others comes after them. */
async function mountsIn(directory: string): Promise<string[]> {
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  return mounts.filter((path) => path === directory || path.startsWith(`${directory}/`)).reverse();
}

function descendants(roots: readonly number[]): number[] {
  const all = runningProcesses();
  const found = new Set(roots);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found].filter((pid) => !roots.includes(pid));
}

/** The inode of its network namespace. */
async function networkOf(pid: number): Promise<number> {
  const text = await readlink(`/proc/${pid}/ns/net`).catch(() => "");
  return Number(/\[(\d+)\]/.exec(text)?.[1]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
