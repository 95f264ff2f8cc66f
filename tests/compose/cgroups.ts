import { existsSync } from "node:fs";
import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";

const mount = "/sys/fs/cgroup";

/** Removes a cgroup ("/name") and the empty ones below it, on every hierarchy. */
export async function removeCgroups(cgroup: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeCgroup(join(hierarchy, cgroup));
}

/** Names of a cgroup's children, on any hierarchy. */
export async function childCgroups(cgroup: string): Promise<readonly string[]> {
  const names = (await hierarchies()).map((hierarchy) => subdirectories(join(hierarchy, cgroup)));
  return (await Promise.all(names)).flat();
}

async function removeCgroup(path: string): Promise<void> {
  for (const child of await subdirectories(path)) await removeCgroup(join(path, child));
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

/** Where cgroups are: one place with version 2, one for each controller with version 1. */
async function hierarchies(): Promise<readonly string[]> {
  return existsSync(join(mount, "cgroup.controllers"))
    ? [mount]
    : (await readdir(mount)).map((each) => join(mount, each));
}

/** None of a directory that is not there. */
async function subdirectories(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
