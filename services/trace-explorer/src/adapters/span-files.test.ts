import { appendFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@podbus/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spanRecord } from "../domain/span-fixture.ts";
import type { SpanRecord } from "../domain/span-record.ts";
import { SpanFiles } from "./span-files.ts";

const log = createLogger({ service: "trace-explorer", level: "silent" });
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-traces-"));
});
afterEach(() => rm(directory, { recursive: true }));

const openFiles = (maxBytes = 1_000_000) => SpanFiles.open({ directory, maxBytes, log });

async function idsIn(files: SpanFiles): Promise<string[]> {
  const spans: SpanRecord[] = [];
  for await (const span of files.read()) spans.push(span);
  return spans.map((span) => span.spanId);
}

async function write(files: SpanFiles, ...spanIds: string[]): Promise<void> {
  for (const spanId of spanIds) {
    files.append([spanRecord({ spanId })]);
    await files[Symbol.asyncDispose]();
  }
}

describe("SpanFiles", () => {
  it("reads after a restart what was written before", async () => {
    await write(await openFiles(), "1", "2");
    const again = await openFiles();
    await write(again, "3");
    expect(await idsIn(again)).toEqual(["1", "2", "3"]);
  });

  it("keeps two files and drops the oldest spans", async () => {
    const files = await openFiles(300);
    await write(files, ..."123456789");
    expect((await readdir(directory)).sort()).toEqual(["spans.1.jsonl", "spans.jsonl"]);
    expect(await idsIn(files)).toEqual(["6", "7", "8", "9"].slice(-(await idsIn(files)).length));
    expect((await stat(join(directory, "spans.1.jsonl"))).size).toBeLessThan(1000);
  });

  it("skips the half line of a crash and writes the next span on its own line", async () => {
    await write(await openFiles(), "1");
    await appendFile(join(directory, "spans.jsonl"), '{"traceId":"4bf');
    const files = await openFiles();
    await write(files, "2");
    expect(await idsIn(files)).toEqual(["1", "2"]);
  });

  it("writes many at once in few writes and loses none", async () => {
    const files = await openFiles();
    for (let i = 0; i < 500; i++) files.append([spanRecord({ spanId: String(i) })]);
    await files[Symbol.asyncDispose]();
    expect(await idsIn(files)).toHaveLength(500);
  });
});
