import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Bytes on disk below a directory, on its own file system. At the lowest priority: it may have millions of files. */
export async function diskUsage(path: string, signal: AbortSignal): Promise<number> {
  const du = ["-n", "19", "du", "--summarize", "--one-file-system", "--block-size=1", path];
  const { stdout } = await promisify(execFile)("nice", du, { signal }).catch((error) => {
    // Files that vanish while it counts make it fail, after it has told the rest.
    if (typeof error.stdout === "string" && /^\d+\t/.test(error.stdout)) return { stdout: error.stdout as string };
    throw error;
  });
  return Number.parseInt(stdout, 10);
}
