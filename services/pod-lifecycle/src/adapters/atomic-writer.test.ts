import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeAtomically } from "./atomic-writer.ts";

let target: string;
beforeEach(async () => {
  target = join(await mkdtemp(join(tmpdir(), "atomic-writer-")), "volume");
});
afterEach(() => rm(join(target, ".."), { recursive: true }));

const files = (entries: Record<string, string>, mode = 0o644) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, { content: Buffer.from(text), mode }]));

test("names are links through ..data, with the modes asked for", async () => {
  await writeAtomically(target, files({ a: "1", "dir/b": "2" }, 0o600));
  expect((await readdir(target)).filter((n) => !n.startsWith("..")).sort()).toEqual(["a", "dir"]);
  expect(await readlink(join(target, "a"))).toBe("..data/a");
  expect(await readFile(join(target, "dir/b"), "utf8")).toBe("2");
  expect((await stat(join(target, "a"))).mode & 0o777).toBe(0o600);
});

test("new content swaps ..data and leaves nothing old behind", async () => {
  await writeAtomically(target, files({ a: "1", gone: "x" }));
  const before = await readlink(join(target, "..data"));
  await writeAtomically(target, files({ a: "2", b: "3" }));
  expect(await readFile(join(target, "a"), "utf8")).toBe("2");
  expect(await readlink(join(target, "..data"))).not.toBe(before);
  expect((await readdir(target)).filter((n) => n !== "..data" && !n.startsWith("..new_")).sort()).toEqual(["a", "b"]);
  await expect(lstat(join(target, before))).rejects.toThrow("ENOENT");
});

test("equal content is left alone", async () => {
  await writeAtomically(target, files({ a: "1" }));
  const before = await readlink(join(target, "..data"));
  await writeAtomically(target, files({ a: "1" }));
  expect(await readlink(join(target, "..data"))).toBe(before);
});

test("no files are an empty volume", async () => {
  await writeAtomically(target, new Map());
  expect((await readdir(target)).filter((n) => !n.startsWith(".."))).toEqual([]);
});
