import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureSharedFile } from "./shared-file.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-shared-file-"));
  path = join(directory, "hosts");
});
afterEach(() => rm(directory, { recursive: true }));

test("what is not there is made, and nothing else", async () => {
  await ensureSharedFile(path, "one\n", 0o644);
  expect(await readFile(path, "utf8")).toBe("one\n");
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  expect(await readdir(directory)).toEqual(["hosts"]);
});

test.each([
  ["shorter", "1\n"],
  ["as long", "two\n"],
  ["longer", "more than one\n"],
  ["much longer", "more\n".repeat(10_000)],
])("what differs is replaced by something %s, and stays the same file", async (_, text) => {
  await writeFile(path, "one\n");
  const { ino } = await stat(path);
  await ensureSharedFile(path, text, 0o644);
  expect(await readFile(path, "utf8")).toBe(text);
  expect((await stat(path)).ino).toBe(ino);
});

test("what is the same is not written", async () => {
  await writeFile(path, "one\n");
  const before = await stat(path, { bigint: true });
  await ensureSharedFile(path, "one\n", 0o644);
  expect((await stat(path, { bigint: true })).ctimeNs).toBe(before.ctimeNs);
});
