import { readdirSync, readFileSync } from "node:fs";

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** Its program and arguments, each followed by a blank. */
  readonly command: string;
}

/** All processes on this machine, in containers or not. */
export function runningProcesses(): RunningProcess[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => {
    const stats = textOf(pid, "stat");
    const parent = Number(stats.slice(stats.lastIndexOf(")") + 2).split(" ")[1]);
    return { pid: Number(pid), parent, command: textOf(pid, "cmdline").replaceAll("\0", " ") };
  });
}

/** Whose command line holds all of these words. */
export function processesOf(...words: readonly string[]): RunningProcess[] {
  return runningProcesses().filter(({ command }) => words.every((word) => command.includes(word)));
}

/** The process whose command line begins so. */
export function processStartedAs(words: string): number {
  const found = runningProcesses().find(({ command }) => command.startsWith(words));
  if (!found) throw new Error(`no process runs ${words}`);
  return found.pid;
}

/** "" for a process that has ended meanwhile. */
function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
