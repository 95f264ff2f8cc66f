import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "./eventually.ts";

const programs = ["dbus-daemon", "busctl", "systemd-inhibit", "python3"];

/** Whether this machine has what a bus of one's own and a stand-in for logind need. */
export const hasDbus = programs.every((program) =>
  (process.env.PATH ?? "").split(":").some((directory) => existsSync(join(directory, program))),
);

const config = (socket: string) => `<busconfig>
  <type>system</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** A system bus with a stand-in for logind on it: this machine's own is left alone. */
export class PrivateBus implements AsyncDisposable {
  readonly address: string;
  readonly #directory: string;
  readonly #daemon: ChildProcessWithoutNullStreams;
  readonly #logind: ChildProcessWithoutNullStreams;
  /** What logind has seen, in order. */
  readonly seen: string[] = [];

  private constructor(directory: string, daemon: ChildProcessWithoutNullStreams, address: string) {
    this.#directory = directory;
    this.#daemon = daemon;
    this.address = address;
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
    this.#logind = spawn("python3", [join(import.meta.dirname, "logind-stand-in.py")], { env });
    createInterface({ input: this.#logind.stdout }).on("line", (line) => this.seen.push(line));
  }

  static async start(): Promise<PrivateBus> {
    const directory = await mkdtemp(join(tmpdir(), "podbus-dbus-"));
    const [socket, file] = [join(directory, "bus"), join(directory, "bus.conf")];
    await writeFile(file, config(socket));
    const daemon = spawn("dbus-daemon", [`--config-file=${file}`, "--nofork", "--print-address"]);
    await once(daemon.stdout, "data");
    const bus = new PrivateBus(directory, daemon, `unix:path=${socket}`);
    await eventually(() => bus.seen.includes("ready"), { message: "logind is on the bus" });
    return bus;
  }

  /** "down": the machine is about to go down; "up": it stays after all; "going": it has been going down for a while. */
  tell(what: "down" | "up" | "going"): void {
    this.#logind.stdin.write(`${what}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of [this.#logind, this.#daemon]) {
      if (child.exitCode !== null) continue;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
