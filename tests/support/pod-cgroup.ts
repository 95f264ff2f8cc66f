import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const mount = "/sys/fs/cgroup";
const unified = existsSync(join(mount, "cgroup.controllers"));

/** As Kubernetes counts: shares of the processors, microseconds in 100 ms, bytes, processes. */
export interface CgroupLimits {
  readonly cpu: number;
  readonly quotaUs: number | "none";
  readonly memory: number | "none";
  readonly pids: number | "none";
}

/** What holds for a cgroup below the mount, "/kubepods/burstable/pod…", with cgroups of either version. */
export async function readCgroup(path: string): Promise<CgroupLimits> {
  const read = (hierarchy: string, name: string) => readFile(join(mount, unified ? "" : hierarchy, path, name), "utf8");
  const amount = (text = "max") => {
    const value = Number(text.trim());
    // Version 1 has no word for "none".
    return Number.isNaN(value) || value < 0 || value > 2 ** 62 ? "none" : value;
  };
  const pids = amount(await read("pids", "pids.max"));
  if (unified) {
    const [weight, max, memory] = await Promise.all(["cpu.weight", "cpu.max", "memory.max"].map((n) => read("", n)));
    return { cpu: Number(weight), quotaUs: amount(max?.split(" ")[0]), memory: amount(memory), pids };
  }
  const [shares, quota, memory] = await Promise.all([
    read("cpu", "cpu.shares"),
    read("cpu", "cpu.cfs_quota_us"),
    read("memory", "memory.limit_in_bytes"),
  ]);
  return { cpu: Number(shares), quotaUs: amount(quota), memory: amount(memory), pids };
}

/** What version 2 makes of shares. */
export const cpuShares = (shares: number): number =>
  unified ? 1 + Math.floor(((shares - 2) * 9999) / 262_142) : shares;
