import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLogger } from "@podbus/telemetry";
import { eventually } from "@podbus/testkit";
import { expect, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { LocalPodCgroups } from "./pod-cgroups.ts";

const mount = "/sys/fs/cgroup";
const root = "/podbus-cgroup-test";

test("a process that a dead runtime left in the pod's cgroup is killed with it", async () => {
  const cgroups = new LocalPodCgroups({ log: createLogger({ service: "test", level: "silent" }), root });
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
