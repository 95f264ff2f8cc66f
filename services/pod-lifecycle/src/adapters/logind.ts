import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { type Clock, pause } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import type { MachineShutdown } from "../ports.ts";

export interface LogindOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** How long the machine is asked to wait for us. */
  readonly delayMs: number;
}

const retryMs = { initial: 1_000, max: 60_000 };
const manager = "org.freedesktop.login1.Manager";
const signalMatch = `type='signal',path='/org/freedesktop/login1',interface='${manager}',member='PrepareForShutdown'`;

/**
 * Hears of the machine's shutdown as the kubelet does: a delay lock of logind, and its signal PrepareForShutdown
 * (pkg/kubelet/nodeshutdown/systemd/inhibit_linux.go). Both through systemd's own programs: a lock is a file descriptor
 * sent over D-Bus, which Node.js cannot receive. The lock ends with this process, however that ends.
 */
export class Logind implements MachineShutdown {
  readonly #options: LogindOptions;
  #lock: ChildProcessWithoutNullStreams | undefined;

  constructor(options: LogindOptions) {
    this.#options = options;
  }

  async *watch(signal: AbortSignal): AsyncGenerator<boolean> {
    const { clock, log } = this.#options;
    for (let delayMs = retryMs.initial; !signal.aborted; delayMs = Math.min(delayMs * 2, retryMs.max)) {
      try {
        for await (const goingDown of this.#watchOnce(signal)) {
          yield goingDown;
          delayMs = retryMs.initial;
        }
      } catch (thrown) {
        if (!signal.aborted) log.warn({ err: toPodbusError(thrown), delayMs }, "cannot hear of the machine's shutdown");
      } finally {
        this.release();
      }
      await pause(clock, delayMs, signal);
    }
  }

  release(): void {
    this.#lock?.kill();
    this.#lock = undefined;
  }

  /** The signal is heard before the lock is taken, so that none falls between. */
  async *#watchOnce(signal: AbortSignal): AsyncGenerator<boolean> {
    const monitor = start("busctl", ["monitor", "--system", "--json=short", `--match=${signalMatch}`], signal);
    try {
      await said(monitor, /^Monitoring/);
      const { goingDown, longestMs } = await readLogind(signal);
      if (longestMs < this.#options.delayMs) {
        const allowed = { longestMs, wantedMs: this.#options.delayMs };
        this.#options.log.warn(allowed, "logind waits less than pods may take to end: raise its InhibitDelayMaxSec");
      }
      if (goingDown) yield true;
      else await this.#takeLock(signal);
      for await (const line of createInterface({ input: monitor.stdout })) {
        const down: unknown = JSON.parse(line).payload?.data?.[0];
        if (down === false) await this.#takeLock(signal);
        yield down === true;
      }
      throw new PodbusError({ code: "UNAVAILABLE", message: "the connection to the system's bus ended" });
    } finally {
      monitor.kill();
    }
  }

  async #takeLock(signal: AbortSignal): Promise<void> {
    this.release();
    const why = "podbus ends its pods before the machine goes down";
    const lock = ["--what=shutdown", "--mode=delay", "--who=podbus", `--why=${why}`];
    // It ends with its input, and that with this process.
    this.#lock = start("systemd-inhibit", [...lock, "sh", "-c", "echo locked >&2; exec cat >/dev/null"], signal);
    await said(this.#lock, /^locked/);
  }
}

function start(program: string, args: readonly string[], signal: AbortSignal): ChildProcessWithoutNullStreams {
  const child = spawn(program, args, { signal });
  // Told by `said`, or nobody waits any more.
  child.on("error", () => undefined);
  return child;
}

/** Resolves once the program has said so; fails with what it said if it ends before. */
function said(child: ChildProcessWithoutNullStreams, expected: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let last = `${child.spawnfile} ended`;
    const fail = (message: string) => reject(new PodbusError({ code: "UNAVAILABLE", message }));
    child.once("error", ({ message }) => fail(message));
    child.once("close", () => fail(last));
    createInterface({ input: child.stderr }).on("line", (line) => {
      last = line;
      if (expected.test(line)) resolve();
    });
  });
}

async function readLogind(signal: AbortSignal): Promise<{ readonly goingDown: boolean; readonly longestMs: number }> {
  const properties = ["InhibitDelayMaxUSec", "PreparingForShutdown"];
  const call = [
    "get-property",
    "--system",
    "--json=short",
    "org.freedesktop.login1",
    "/org/freedesktop/login1",
    manager,
  ];
  const { stdout } = await promisify(execFile)("busctl", [...call, ...properties], { signal, timeout: 5_000 });
  const [longestUs, goingDown] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).data);
  return { goingDown: goingDown === true, longestMs: Number(longestUs) / 1_000 };
}
