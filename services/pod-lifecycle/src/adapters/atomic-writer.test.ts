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

const root = { rootId: 0, groupId: undefined };
const files = (entries: Record<string, string>, mode = 0o644) =>
  new Map(Object.entries(entries).map(([path, text]) => [path, { content: Buffer.from(text), mode }]));

test("names are links through ..data, with the modes asked for", async () => {
  await writeAtomically(target, files({ a: "1", "dir/b": "2" }, 0o600), root);
  expect((await readdir(target)).filter((n) => !n.startsWith("..")).sort()).toEqual(["a", "dir"]);
  expect(await readlink(join(target, "a"))).toBe("..data/a");
  expect(await readFile(join(target, "dir/b"), "utf8")).toBe("2");
  expect((await stat(join(target, "a"))).mode & 0o777).toBe(0o600);
});

test("new content swaps ..data and leaves nothing old behind", async () => {
  await writeAtomically(target, files({ a: "1", gone: "x" }), root);
  const before = await readlink(join(target, "..data"));
  await writeAtomically(target, files({ a: "2", b: "3" }), root);
  expect(await readFile(join(target, "a"), "utf8")).toBe("2");
  expect(await readlink(join(target, "..data"))).not.toBe(before);
  expect((await readdir(target)).filter((n) => n !== "..data" && !n.startsWith("..new_")).sort()).toEqual(["a", "b"]);
  await expect(lstat(join(target, before))).rejects.toThrow("ENOENT");
});

test("equal content is left alone", async () => {
  await writeAtomically(target, files({ a: "1" }), root);
  const before = await readlink(join(target, "..data"));
  await writeAtomically(target, files({ a: "1" }), root);
  expect(await readlink(join(target, "..data"))).toBe(before);
});

test("no files are an empty volume", async () => {
  await writeAtomically(target, new Map(), root);
  expect((await readdir(target)).filter((n) => !n.startsWith(".."))).toEqual([]);
});

test("who owns the files, and that a group may read what it owns", async () => {
  const owned = new Map([["a", { content: Buffer.from("1"), mode: 0o400, owner: 1_000 }]]);
  await writeAtomically(target, owned, { rootId: 65_536, groupId: 65_536 + 2_000 });
  const { uid, gid, mode } = await stat(join(target, "a"));
  expect([uid, gid, mode & 0o777]).toEqual([66_536, 67_536, 0o440]);
});
