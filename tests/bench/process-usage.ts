import { readFileSync } from "node:fs";

export interface ProcessUsage {
  /** User and system time since the process began. */
  readonly cpuSeconds: number;
  readonly rssMib: number;
  readonly peakRssMib: number;
}

/** Linux reports CPU time in ticks of 10 ms on every architecture that we run on. */
const ticksPerSecond = 100;

export function usageOf(pid: number): ProcessUsage {
  // The program's name may hold spaces and brackets; what follows the last bracket is regular.
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssMib: mib("VmRSS"),
    peakRssMib: mib("VmHWM"),
  };
}

/** The child of `parent` that runs this program. */
export function childNamed(parent: number, program: string): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").split(" ").filter(Boolean);
  const found = children.find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === program);
  if (found === undefined) throw new Error(`process ${parent} has no child ${program}`);
  return Number(found);
}
