import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { requireBinary } from "@podbus/binaries";
import { systemClock } from "@podbus/clock";
import { createLogger } from "@podbus/telemetry";
import { freePort } from "@podbus/testkit";
import { removeMachineState } from "podbus";

export const launcher = resolve(import.meta.dirname, "../../podbus");

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KubectlOptions extends RunOptions {
  /** Default: "kubectl", the one that users have. */
  readonly program?: string;
}

export interface RunOptions {
  /** Standard input: a text, or a file. */
  readonly input?: string | { readonly file: string };
  readonly timeoutMs?: number;
}

export interface PodbusOptions {
  readonly stateDir: string;
  readonly apiAddress: string;
  readonly apiPort: number;
  readonly natsPort: number;
  readonly otlpPort: number;
  readonly podCidr: string;
  readonly insecureRegistries: readonly string[];
  /** Settings of services. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Options that fit beside whatever else runs on this machine. Test files run one after another, so one network is enough. */
export async function freshOptions(insecureRegistries: readonly string[] = []): Promise<PodbusOptions> {
  return {
    stateDir: await mkdtemp(join(tmpdir(), "podbus-e2e-")),
    apiAddress: "127.0.0.1",
    apiPort: await freePort(),
    natsPort: await freePort(),
    otlpPort: await freePort(),
    podCidr: "10.89.0.0/16",
    insecureRegistries,
  };
}

/** A running "podbus up", as a user starts it. Disposing deletes its pods, stops it and removes all it made. */
export class PodbusProcess implements AsyncDisposable {
  readonly options: PodbusOptions;
  #child: ChildProcess;
  #output = "";

  private constructor(options: PodbusOptions, child: ChildProcess) {
    this.options = options;
    this.#child = child;
  }

  static async start(options: PodbusOptions): Promise<PodbusProcess> {
    const started = new PodbusProcess(options, spawnUp(options));
    try {
      await started.#ready();
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get kubeconfig(): string {
    return join(this.options.stateDir, "kubeconfig");
  }

  /** Stops with a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, "exit");
    this.#child.kill(signal);
    await exit;
  }

  async startAgain(): Promise<void> {
    this.#child = spawnUp(this.options);
    await this.#ready();
  }

  kubectl(...args: string[]): Promise<CommandResult> {
    return this.kubectlWith({}, ...args);
  }

  kubectlWith(options: KubectlOptions, ...args: string[]): Promise<CommandResult> {
    return run(requireBinary(options.program ?? "kubectl"), ["--kubeconfig", this.kubeconfig, ...args], options);
  }

  /** Succeeds or fails the test with what kubectl said. */
  async kubectlOk(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: exit code ${code}\n${stderr}${stdout}`);
    return stdout;
  }

  async apply(manifest: string | object): Promise<void> {
    const input = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
    const { code, stderr } = await this.kubectlWith({ input }, "apply", "-f", "-");
    if (code !== 0) throw new Error(`kubectl apply: exit code ${code}\n${stderr}`);
  }

  podbus(...args: string[]): Promise<CommandResult> {
    return run(launcher, [...args, "--state-dir", this.options.stateDir], {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await removeMachineState(this.options.stateDir, {
      clock: systemClock,
      log: createLogger({ service: "tests", level: "silent" }),
    });
  }

  #ready(): Promise<void> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.#output += chunk.toString();
        if (/podbus: ready in/.test(chunk.toString())) resolve();
      };
      child.stderr?.on("data", read);
      child.once("exit", (code) => reject(new Error(`podbus up ended with exit code ${code}:\n${this.#output}`)));
    });
  }
}

function spawnUp(options: PodbusOptions): ChildProcess {
  return spawn(launcher, ["up", ...upArguments(options)], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, ...options.env },
  });
}

export function upArguments(options: PodbusOptions): string[] {
  return [
    ...["--state-dir", options.stateDir, "--node-name", "node-1", "--api-address", options.apiAddress],
    ...["--api-port", `${options.apiPort}`, "--nats-port", `${options.natsPort}`, "--otlp-port", `${options.otlpPort}`],
    ...["--pod-cidr", options.podCidr],
    ...options.insecureRegistries.flatMap((host) => ["--insecure-registry", host]),
  ];
}

/** Runs the podbus launcher by itself. */
export const podbusCommand = (...args: string[]): Promise<CommandResult> => run(launcher, args, {});

/** Runs a program to its end; a non-zero exit code is a result, not an error. */
export function run(
  program: string,
  args: readonly string[],
  { input = "", timeoutMs = 60_000 }: RunOptions,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { timeout: timeoutMs, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(new Error(`${program} ${args.join(" ")}: ${error.message}`));
      else resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
    // A program that does not read its input to the end closes it: its exit code tells what became of it.
    child.stdin?.on("error", () => undefined);
    if (typeof input === "string") child.stdin?.end(input);
    else if (child.stdin) createReadStream(input.file).pipe(child.stdin);
  });
}
