import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cpuPeriodUs, type LinuxLimits } from "../domain/linux-resources.ts";

export interface CgroupLimits extends LinuxLimits {
  /** Processes and threads; undefined for any number. */
  readonly pids?: number | undefined;
  /** Bytes by size, "2MB"; none of a size that is not named. Undefined leaves all of them open. */
  readonly hugePages?: ReadonlyMap<string, number>;
}

/** A cgroup in the hierarchies of version 1, which are directories below `mount`. Made if it is not there. */
export async function limitSplit(mount: string, path: string, limits: CgroupLimits): Promise<void> {
  const [cpu, memory] = [join(mount, "cpu", path), join(mount, "memory", path)];
  const [pids, hugetlb] = [join(mount, "pids", path), join(mount, "hugetlb", path)];
  const countsPages = limits.hugePages !== undefined && existsSync(join(mount, "hugetlb"));
  // One after the other: where the first fails, nothing goes on behind the caller's back.
  await mkdir(cpu, { recursive: true });
  await mkdir(memory, { recursive: true });
  if (limits.pids) await mkdir(pids, { recursive: true });
  if (countsPages) await mkdir(hugetlb, { recursive: true });
  await Promise.all([
    writeFile(join(cpu, "cpu.shares"), String(limits.cpuShares)),
    ...(limits.cpuQuotaUs > 0 ? [writeFile(join(cpu, "cpu.cfs_quota_us"), String(limits.cpuQuotaUs))] : []),
    ...(limits.memoryBytes > 0 ? [writeFile(join(memory, "memory.limit_in_bytes"), String(limits.memoryBytes))] : []),
    ...(limits.pids ? [writeFile(join(pids, "pids.max"), String(limits.pids))] : []),
    ...(countsPages ? [limitHugePages(hugetlb, "limit_in_bytes", limits.hugePages)] : []),
  ]);
}

const controllers = ["cpu", "memory", "pids", "hugetlb"];

/** A cgroup of version 2. Made if it is not there. */
export async function limitUnified(mount: string, path: string, limits: CgroupLimits): Promise<void> {
  const directory = join(mount, path);
  await mkdir(directory, { recursive: true });
  const offered = new Set((await readFile(join(mount, "cgroup.controllers"), "utf8")).trim().split(" "));
  const wanted = controllers.filter((name) => offered.has(name)).map((name) => `+${name}`);
  // A controller is there only where every cgroup above passes it on.
  for (const parent of parentsOf(path)) {
    await writeFile(join(mount, parent, "cgroup.subtree_control"), wanted.join(" "));
  }
  const quota = limits.cpuQuotaUs > 0 ? String(limits.cpuQuotaUs) : "max";
  await Promise.all([
    writeFile(join(directory, "cpu.weight"), String(cpuWeight(limits.cpuShares))),
    writeFile(join(directory, "cpu.max"), `${quota} ${cpuPeriodUs}`),
    writeFile(join(directory, "memory.max"), limits.memoryBytes > 0 ? String(limits.memoryBytes) : "max"),
    ...(limits.pids ? [writeFile(join(directory, "pids.max"), String(limits.pids))] : []),
    ...(limits.hugePages ? [limitHugePages(directory, "max", limits.hugePages)] : []),
  ]);
}

/** "/a/b/c" → "/", "/a", "/a/b". */
function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [...parentsOf(parent), parent];
}

/** The kernel has a file for each size that it knows. */
async function limitHugePages(directory: string, ending: string, limits: CgroupLimits["hugePages"]): Promise<void> {
  const sizes = (await readdir(directory)).flatMap((name) => {
    const [controller, size, rest] = name.split(".");
    return controller === "hugetlb" && size && rest === ending && name.endsWith(rest) ? [size] : [];
  });
  await Promise.all(
    sizes.map((size) => writeFile(join(directory, `hugetlb.${size}.${ending}`), String(limits?.get(size) ?? 0))),
  );
}

/** runc: ConvertCPUSharesToCgroupV2Value. */
export function cpuWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}
