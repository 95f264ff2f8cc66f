import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LogFileOptions, readLogFile } from "./log-file.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "log-file-"));
  path = join(directory, "0.log");
});
afterEach(() => rm(directory, { recursive: true }));

const entry = (text: string) => `2026-01-01T00:00:00.000000000Z stdout F ${text}\n`;

/** A container that the test ends. */
function subject(change: Partial<LogFileOptions> = {}) {
  let ended = false;
  const listeners = new Set<() => void>();
  const options: LogFileOptions = {
    path,
    tailLines: undefined,
    follow: false,
    signal: AbortSignal.timeout(10_000),
    hasEnded: () => ended,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...change,
  };
  const lines: string[] = [];
  const done = (async () => {
    for await (const batch of readLogFile(options)) lines.push(...batch.map((l) => l.content.toString().trimEnd()));
    return lines;
  })();
  const end = () => {
    ended = true;
    for (const listener of listeners) listener();
  };
  return { lines, done, end, options };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 1_000) throw new Error("it never came");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test("the whole file", async () => {
  await writeFile(path, entry("a") + entry("b"));
  expect(await subject().done).toEqual(["a", "b"]);
});

test.each([
  [0, []],
  [1, ["c"]],
  [2, ["b", "c"]],
  [9, ["a", "b", "c"]],
])("the last %d lines", async (tailLines, expected) => {
  await writeFile(path, entry("a") + entry("b") + entry("c"));
  expect(await subject({ tailLines }).done).toEqual(expected);
});

test("the last lines of a file longer than a chunk", async () => {
  const long = "x".repeat(50_000);
  await writeFile(path, entry("first") + entry(long) + entry(long) + entry("last"));
  expect((await subject({ tailLines: 3 }).done).map((l) => l.length)).toEqual([50_000, 50_000, 4]);
});

test("no file is an empty log", async () => {
  expect(await subject().done).toEqual([]);
});

test("following brings what is appended, until the container has ended", async () => {
  await writeFile(path, entry("a"));
  const { lines, done, end } = subject({ follow: true });
  await until(() => lines.length === 1);
  await appendFile(path, entry("b").slice(0, 20));
  await appendFile(path, entry("b").slice(20));
  await until(() => lines.length === 2);
  await appendFile(path, entry("last words"));
  end();
  expect(await done).toEqual(["a", "b", "last words"]);
});

test("following waits for a file that is not there yet", async () => {
  const { lines, done, end } = subject({ follow: true });
  await writeFile(path, entry("a"));
  await until(() => lines.length === 1);
  end();
  expect(await done).toEqual(["a"]);
});

test("following reads a rotated file to its end and goes on with the new one", async () => {
  await writeFile(path, entry("a"));
  const { lines, done, end } = subject({ follow: true });
  await until(() => lines.length === 1);
  await rename(path, `${path}.1`);
  await appendFile(`${path}.1`, entry("b"));
  await writeFile(path, entry("c"));
  await until(() => lines.length === 3);
  end();
  expect(await done).toEqual(["a", "b", "c"]);
});

test("following loses nothing and doubles nothing where the file was put aside several times meanwhile", async () => {
  await writeFile(`${path}.20251231-235959`, entry("not this"));
  await writeFile(path, entry("a"));
  const held = Promise.withResolvers<void>();
  const lines: string[] = [];
  const reading = (async () => {
    for await (const batch of readLogFile({
      ...subject({ follow: true }).options,
      hasEnded: () => lines.includes("e"),
    })) {
      lines.push(...batch.map((l) => l.content.toString().trimEnd()));
      await held.promise;
    }
  })();
  await until(() => lines.length === 1);
  await appendFile(path, entry("b"));
  await rename(path, `${path}.20260101-000000`);
  await writeFile(`${path}.20260101-000010.gz`, gzipSync(entry("c")));
  await writeFile(`${path}.20260101-000020`, entry("d"));
  await writeFile(path, entry("e"));
  held.resolve();
  await reading;
  expect(lines).toEqual(["a", "b", "c", "d", "e"]);
});

test("the reader's signal ends following", async () => {
  await writeFile(path, entry("a"));
  const stop = new AbortController();
  const { lines, done } = subject({ follow: true, signal: stop.signal });
  await until(() => lines.length === 1);
  stop.abort();
  expect(await done).toEqual(["a"]);
});
