import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { FakeClock } from "@podbus/clock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rotateIfLarge } from "./log-rotator.ts";

let directory: string;
let path: string;
const clock = new FakeClock();
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "log-rotator-"));
  path = join(directory, "0.log");
});
afterEach(() => rm(directory, { recursive: true }));

const limits = { maxBytes: 4, maxFiles: 3 };
/** As the runtime does. */
const reopen = () => appendFile(path, "");
const rotate = (change: { reopen?: () => Promise<void> } = {}) =>
  rotateIfLarge(path, { limits, clock, reopen, ...change });

test("three files at most, the older ones compressed", async () => {
  for (const text of ["first", "second", "third", "fourth"]) {
    await appendFile(path, text);
    expect(await rotate()).toBe(true);
    await clock.step(10_000);
  }
  const [compressed = "", plain = "", ...others] = (await readdir(directory)).toSorted().slice(1);
  expect(others).toEqual([]);
  expect(gunzipSync(await readFile(join(directory, compressed))).toString()).toBe("third");
  expect(await readFile(join(directory, plain), "utf8")).toBe("fourth");
  expect(await readFile(path, "utf8")).toBe("");
});

test("a small log is left alone", async () => {
  await writeFile(path, "1234");
  expect(await rotate()).toBe(false);
  expect(await readdir(directory)).toEqual(["0.log"]);
});

test("if the runtime does not begin a new file, the old one gets its name back", async () => {
  await writeFile(path, "12345");
  await expect(rotate({ reopen: () => Promise.reject(new Error("not now")) })).rejects.toThrow("not now");
  expect(await readdir(directory)).toEqual(["0.log"]);
  expect(await readFile(path, "utf8")).toBe("12345");
});

test("a log that is missing, since somebody was killed between the two, is begun again", async () => {
  expect(await rotate()).toBe(false);
  expect(await readdir(directory)).toEqual(["0.log"]);
});
