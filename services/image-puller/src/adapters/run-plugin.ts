import { spawn } from "node:child_process";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";

export interface PluginCall {
  /** Path of the program. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly input: string;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The kubelet's execPluginTimeout. */
const timeoutMs = 60_000;
/** Far more than any answer; a plugin that does not stop writing must not fill our memory. */
const mostOutputBytes = 1 << 20;
const mostErrorBytes = 4_096;

/**
 * Runs a program to its end and gives what it has printed. A failure says what it did; its own words about it, which may
 * be anything, are only the cause, for the log; its output is told to nobody.
 */
export function runPlugin({ command, args, env, input, signal: stop }: PluginCall, clock: Clock): Promise<string> {
  return new Promise((resolve, reject) => {
    stop.throwIfAborted();
    // In a process group of its own, so that what it has started ends with it.
    const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    child.once("error", (error: NodeJS.ErrnoException) => {
      reject(failure(error.code === "ENOENT" ? "there is no such program" : error.message));
    });
    // It was not started, and has no streams if there were no file handles left.
    if (child.pid === undefined) return;
    const group = child.pid;
    const output: Buffer[] = [];
    const said: Buffer[] = [];
    let problem: string | undefined;
    const end = (why: string) => {
      problem ??= why;
      killGroup(group);
    };
    const onStop = () => end("podbus ends");
    stop.addEventListener("abort", onStop, { once: true });
    const cancel = clock.after(timeoutMs, () => end("it did not end within a minute"));
    collect(child.stdout, output, mostOutputBytes, () => end(`it has printed more than ${mostOutputBytes} bytes`));
    collect(child.stderr, said, mostErrorBytes, () => {});
    child.once("close", (code, signal) => {
      cancel();
      stop.removeEventListener("abort", onStop);
      if (problem === undefined && code === 0) return resolve(Buffer.concat(output).toString("utf8"));
      const how = problem ?? (signal ? `it was ended by ${signal}` : `it ended with exit code ${code}`);
      reject(failure(how, Buffer.concat(said).toString("utf8").trim()));
    });
    // It may end before it has read everything; its exit code tells why.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

function failure(message: string, words = ""): PodbusError {
  return new PodbusError({ code: "UNKNOWN", message, cause: words === "" ? undefined : new Error(words) });
}

function collect(stream: NodeJS.ReadableStream, into: Buffer[], most: number, onTooMuch: () => void): void {
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    const room = most - size;
    size += chunk.length;
    if (room > 0) into.push(chunk.subarray(0, room));
    if (size > most) onTooMuch();
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // It has just ended by itself.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
