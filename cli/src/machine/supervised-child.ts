import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import { openOutputLog } from "./log-files.ts";
import { writePid } from "./processes.ts";

export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Default: our own environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly pidFile: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Also gets what the child writes to standard output. */
  readonly onOutput?: (chunk: Buffer) => void;
  /** Resolves when the child serves; rejects when it never will. Called after each start. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
}

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** A child that is started again when it ends by itself, and that dies with us even if we are killed. */
export interface SupervisedChild extends AsyncDisposable {
  readonly name: string;
  readonly pid: number | undefined;
}

const restartDelayMs = 200;
const stopGraceMs = 10_000;

export async function superviseChild(spec: ChildSpec, deps: SupervisorDeps): Promise<SupervisedChild> {
  const child = new Supervised(spec, deps);
  await child.start();
  return child;
}

class Supervised implements SupervisedChild {
  readonly #spec: ChildSpec;
  readonly #deps: SupervisorDeps;
  readonly #stopping = new AbortController();
  #process: ChildProcess | undefined;
  #log: Writable;

  constructor(spec: ChildSpec, deps: SupervisorDeps) {
    this.#spec = spec;
    this.#deps = deps;
    this.#log = openOutputLog(spec.logFile);
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** The first start: a child that ends before it is ready is an error, with the end of its own words. */
  async start(): Promise<void> {
    const ended = this.#spawn();
    const startup = new AbortController();
    const ending = ended.then((how) => {
      throw new PodbusError({
        code: "UNAVAILABLE",
        message: `${this.name} ended during start-up (${how}); its output is in ${this.#spec.logFile}`,
      });
    });
    try {
      await Promise.race([this.#spec.ready(startup.signal), ending]);
    } catch (error) {
      this.#stopping.abort();
      this.#process?.kill("SIGKILL");
      throw error;
    } finally {
      startup.abort();
      ending.catch(() => undefined); // Told above, or told by the restart below.
    }
    void this.#keepRunning(ended);
  }

  async #keepRunning(first: Promise<string>): Promise<void> {
    const { clock, log } = this.#deps;
    for (let ended = first; ; ended = this.#spawn()) {
      const how = await ended;
      if (this.#stopping.signal.aborted) return;
      log.warn({ child: this.name, how }, "child process ended, starting it again");
      await clock.sleep(restartDelayMs);
      if (this.#stopping.signal.aborted) return;
    }
  }

  #spawn(): Promise<string> {
    const { command, args, env = process.env } = this.#spec;
    // The kernel sends the child SIGTERM when we die, whatever killed us (prctl(2), PR_SET_PDEATHSIG).
    const child = spawn("setpriv", ["--pdeathsig", "TERM", command, ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    if (child.pid !== undefined) writePid(this.#spec.pidFile, child.pid);
    child.stdout.pipe(this.#log, { end: false });
    if (this.#spec.onOutput) child.stdout.on("data", this.#spec.onOutput);
    child.stderr.pipe(this.#log, { end: false });
    return new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      const cancel = this.#deps.clock.after(stopGraceMs, () => child.kill("SIGKILL"));
      await exit;
      cancel();
    }
    this.#log.end();
  }
}
