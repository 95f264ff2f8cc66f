import { execFile } from "node:child_process";
import { mkdir, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** statfs(2), TMPFS_MAGIC. */
const tmpfsMagic = 0x01021994;

/**
 * Makes a directory that lives in memory only, because files of Secrets must not reach a disk. Where its parent is no
 * tmpfs (systemd makes /run one; containers and small systems may not), one is mounted on the directory itself.
 */
export async function ensureTmpfs(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  if ((await statfs(dir)).type === tmpfsMagic) return;
  await promisify(execFile)("mount", ["-t", "tmpfs", "-o", "mode=0700", "tmpfs", dir]);
}

/** Whether a file system is mounted on the directory itself. */
export async function isOwnTmpfs(dir: string): Promise<boolean> {
  try {
    return (await stat(dir)).dev !== (await stat(dirname(dir))).dev;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
