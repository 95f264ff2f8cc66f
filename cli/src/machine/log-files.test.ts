import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OwnLog, openOutputLog } from "./log-files.ts";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-logs-"));
  file = join(directory, "own.log");
});
afterEach(() => rm(directory, { recursive: true }));
/** A file on which there is never room. */
const fill = () => symlink("/dev/full", file);

describe("podbus' own log", () => {
  it("has all lines once it is disposed", async () => {
    {
      await using log = new OwnLog(file);
      for (const line of ["one\n", "two\n"]) log.write(line);
    }
    expect(await readFile(file, "utf8")).toBe("one\ntwo\n");
  });

  it("has what came too late, when the process ends", async () => {
    await runScript("await log[Symbol.asyncDispose](); log.write('last words\\n');");
    expect(await readFile(file, "utf8")).toBe("last words\n");
  });

  it("on a full disk ends nobody, however much is written, and does not hold up the end", async () => {
    await fill();
    const stdout = await runScript(`
      for (let round = 0; round < 20; round++) {
        log.write("x".repeat(1_000_000));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await log[Symbol.asyncDispose]();
      log.write("late\\n");
      console.log("disposed");`);
    expect(stdout).toBe("disposed\n");
  });

  it("says how many lines are lost, once there is room", async () => {
    const log = new OwnLog(file);
    await symlink(join(directory, "later/own.log"), file);
    for (const line of ["one\n", "two\n", "three\n"]) log.write(line);
    await log[Symbol.asyncDispose]();
    await mkdir(join(directory, "later"));
    log.write("four\n");
    await log[Symbol.asyncDispose]();
    const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ lost: 3, level: 40 });
    expect(lines.slice(1)).toEqual(["four"]);
  });
});

async function runScript(script: string): Promise<string> {
  const made = `const log = new (await import("${import.meta.dirname}/log-files.ts")).OwnLog("${file}");`;
  const args = ["--input-type=module", "-e", made + script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 4_000, killSignal: "SIGKILL" });
  return stdout;
}

describe("the log of a child's output", () => {
  it("is appended to", async () => {
    for (const text of ["one\n", "two\n"]) {
      const log = openOutputLog(file);
      log.end(text);
      await finished(log);
    }
    expect(await readFile(file, "utf8")).toBe("one\ntwo\n");
  });

  it("on a full disk is read all the same", async () => {
    await fill();
    const log = openOutputLog(file);
    for (let round = 0; round < 20; round++) log.write(Buffer.alloc(100_000));
    log.end();
    await finished(log);
  });

  it("is begun as soon as it can be", async () => {
    await symlink(join(directory, "later/own.log"), file);
    const log = openOutputLog(file);
    await new Promise((resolve) => log.write("lost\n", resolve));
    await rm(file);
    log.end("kept\n");
    await finished(log);
    expect(await readFile(file, "utf8")).toBe("kept\n");
  });
});
