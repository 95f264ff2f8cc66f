import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A file system of its own on a directory, small enough to be filled. Disposing takes it away, whoever still uses it. */
export async function mountSmallFileSystem(
  directory: string,
  limits: { readonly bytes: number; readonly files: number },
): Promise<AsyncDisposable> {
  await mkdir(directory, { recursive: true });
  const options = `size=${limits.bytes},nr_inodes=${limits.files},mode=755`;
  await run("mount", ["-t", "tmpfs", "-o", options, "small", directory]);
  return {
    async [Symbol.asyncDispose]() {
      await run("umount", ["--lazy", directory]);
    },
  };
}
