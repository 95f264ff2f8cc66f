import { writeFileSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@podbus/clock";

/** Ends every child that an earlier podbus left behind in this run directory; each wrote "<name>.pid". */
export async function endLeftovers(
  runDir: string,
  configFiles: Readonly<Record<string, string>>,
  clock: Clock,
): Promise<void> {
  const ends = Object.entries(configFiles).map(([name, file]) => endLeftover(join(runDir, `${name}.pid`), file, clock));
  await Promise.all(ends);
}

/**
 * Ends what an earlier podbus left behind. After a SIGKILL of podbus its children get SIGTERM from the
 * kernel and may still be stopping, holding their ports and locks.
 */
export async function endLeftover(pidFile: string, ownArgument: string, clock: Clock): Promise<void> {
  const pid = await readPid(pidFile);
  if (pid === undefined) return;
  for (let waitedMs = 0; waitedMs < 10_000 && (await runsWith(pid, ownArgument)); waitedMs += 50) {
    if (waitedMs === 0) process.kill(pid, "SIGTERM");
    await clock.sleep(50);
  }
  if (await runsWith(pid, ownArgument)) process.kill(pid, "SIGKILL");
  await rm(pidFile, { force: true });
}

export function writePid(pidFile: string, pid: number): void {
  writeFileSync(pidFile, `${pid}\n`);
}

async function readPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, "utf8").catch(() => "");
  const pid = Number(text.trim());
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** Pids are used again: the process is ours only if it was started with our configuration file. */
async function runsWith(pid: number, ownArgument: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.split("\0").includes(ownArgument);
}
