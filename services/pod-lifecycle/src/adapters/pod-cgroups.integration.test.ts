import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createLogger } from "@podbus/telemetry";
import { eventually } from "@podbus/testkit";
import { expect, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { LocalPodCgroups } from "./pod-cgroups.ts";

const mount = "/sys/fs/cgroup";
const root = "/podbus-cgroup-test";
const log = createLogger({ service: "test", level: "silent" });
const run = promisify(execFile);

test("a process that a dead runtime left in the pod's cgroup is killed with it", async () => {
  const cgroups = new LocalPodCgroups({ log, root });
  const hierarchy = existsSync(join(mount, "cgroup.controllers")) ? "" : "memory";
  const path = join(mount, hierarchy, await cgroups.ensure(pod()), "left");
  await mkdir(path, { recursive: true });
  const child = spawn("sleep", ["1000"]);
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  await writeFile(join(path, "cgroup.procs"), String(child.pid));
  await eventually(async () => {
    await cgroups.remove(pod());
    return true;
  });
  expect(await ended).toBe("SIGKILL");
  expect(existsSync(join(path, ".."))).toBe(false);
  for (const each of ["cpu", "memory", ""]) {
    for (const parent of [`${root}/besteffort`, root]) await rmdir(join(mount, each, parent)).catch(() => {});
  }
});

test("a cgroup in use is tried five times, then left; one that went meanwhile is forgotten", async () => {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "pod-cgroups-"));
  stack.defer(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "cgroup.controllers"), "");
  const cgroups = new LocalPodCgroups({ log, root, mount: directory });
  const path = join(directory, await cgroups.ensure(pod()));
  await rm(path, { recursive: true });
  // A directory on which something is mounted is busy as a cgroup is.
  const use = async () => {
    await mkdir(path, { recursive: true });
    await run("mount", ["-t", "tmpfs", "tmpfs", path]);
  };
  const inUse = async (times: number) => {
    for (let n = 0; n < times; n += 1) await expect(cgroups.remove(pod())).rejects.toThrow("is still in use");
  };
  await use();
  await inUse(4);
  await run("umount", [path]);
  await cgroups.remove(pod());
  expect(existsSync(path)).toBe(false);

  await use();
  stack.defer(async () => void (await run("umount", [path])));
  await inUse(4);
  await cgroups.remove(pod());
  expect(existsSync(path)).toBe(true);
});
