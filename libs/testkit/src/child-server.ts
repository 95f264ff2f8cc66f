import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { eventually } from "./eventually.ts";

export interface ChildServerOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Output of the server, all of its runs. */
  readonly logFile: string;
  /** Whether it serves; tried until it is true. */
  readonly ready: () => Promise<boolean>;
  readonly readyTimeoutMs?: number;
}

/** A real server as our child: started, killed as a fault, started again, stopped in the end. */
export class ChildServer {
  readonly #options: ChildServerOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: ChildServerOptions) {
    this.#options = options;
    process.once("exit", () => this.#child?.kill("SIGKILL"));
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const { command, args, env, logFile, name, ready, readyTimeoutMs = 15_000 } = this.#options;
    if (this.#child) throw new Error(`${name} runs already`);
    const log = createWriteStream(logFile, { flags: "a" });
    const child = spawn(command, [...args], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#exited = new Promise((resolve) => {
      const over = () => {
        if (this.#child === child) this.#child = undefined;
        log.end();
        resolve();
      };
      child.once("exit", over);
      child.once("error", over);
    });
    try {
      await eventually(
        async () => {
          if (this.#child !== child) return true;
          return ready();
        },
        { timeoutMs: readyTimeoutMs, intervalMs: 10, message: `${name} did not become ready` },
      );
      if (this.#child !== child) throw new Error(`${name} ended at its start`);
    } catch (error) {
      await this.kill("SIGKILL");
      const said = await readFile(logFile, "utf8").catch(() => "");
      throw new Error(`${name} could not be started. It said:\n${said.slice(-4000)}`, { cause: error });
    }
  }

  /** Sends the signal and waits until the process is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#child?.kill(signal);
    await this.#exited;
  }

  /** TERM, and KILL if that does not help. */
  async stop(graceMs = 10_000): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await this.#exited;
    clearTimeout(killer);
  }
}

/** Whether somebody accepts connections there. */
export function accepts(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
