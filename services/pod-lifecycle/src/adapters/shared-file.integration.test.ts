import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureSharedFile } from "./shared-file.ts";

const run = promisify(execFile);

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-shared-file-"));
  await run("mount", ["-t", "tmpfs", "-osize=64k", "small", directory]);
  path = join(directory, "hosts");
});
afterEach(async () => {
  await run("umount", [directory]);
  await rm(directory, { recursive: true });
});
const fill = () => expect(writeFile(join(directory, "filler"), Buffer.alloc(100_000))).rejects.toThrow("ENOSPC");

describe("on a full disk", () => {
  test("what is not there is not made empty", async () => {
    await fill();
    await expect(ensureSharedFile(path, "one\n", 0o644)).rejects.toThrow("ENOSPC");
    expect(await readdir(directory)).toEqual(["filler"]);
  });

  test("what has room is replaced", async () => {
    await writeFile(path, "one\n");
    await fill();
    await ensureSharedFile(path, "more than one\n", 0o644);
    expect(await readFile(path, "utf8")).toBe("more than one\n");
  });

  test("what has no room stays as it was", async () => {
    await writeFile(path, "one\n");
    await fill();
    await expect(ensureSharedFile(path, "more\n".repeat(10_000), 0o644)).rejects.toThrow("ENOSPC");
    expect(await readFile(path, "utf8")).toBe("one\n");
  });
});
