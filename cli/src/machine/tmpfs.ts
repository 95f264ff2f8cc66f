import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** statfs(2), TMPFS_MAGIC. */
const tmpfsMagic = 0x01021994;

/**
 * Makes a directory that lives in memory only, because files of Secrets must not reach a disk. Where its parent is no
 * tmpfs (systemd makes /run one; containers and small systems may not), one is mounted on the directory itself.
 * Others may pass through and see nothing: who is root in a user namespace reaches its containers' files below.
 */
export async function ensureTmpfs(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  if ((await statfs(dir)).type !== tmpfsMagic) await promisify(execFile)("mount", ["-t", "tmpfs", "tmpfs", dir]);
  await chmod(dir, 0o711);
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

/** What is mounted in a directory must go before the directory does: it may be somebody's files. */
export async function unmountBelow(dir: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => line.split(" ")[4] ?? "");
  // The last ones may be mounted on those before.
  for (const path of mounts.filter((each) => each.startsWith(`${dir}/`)).toReversed()) {
    await promisify(execFile)("umount", [path]);
  }
}
