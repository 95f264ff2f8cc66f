import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** In a process of its own, which then has no file handle left. */
const program = `
import { openSync } from "node:fs";
import { FakeClock } from "@podbus/clock";
import { runPlugin } from "./run-plugin.ts";
const call = { command: "/bin/cat", args: [], env: {}, input: "", signal: new AbortController().signal };
try { for (;;) openSync("/dev/null", "r"); } catch {}
await runPlugin(call, new FakeClock()).catch(({ message }) => process._rawDebug(message));
`;

it("a program that cannot be started for want of file handles is a failure like another, and ends nothing else", async () => {
  const limited = ["-c", 'ulimit -n 64; exec "$0" --input-type=module --eval "$1"', process.execPath, program];
  const { stderr } = await promisify(execFile)("sh", limited, { cwd: import.meta.dirname });
  expect(stderr).toContain("spawn /bin/cat EMFILE\n");
});
