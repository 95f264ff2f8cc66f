import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const outputLimitBytes = 64 * 2 ** 20;

export interface DockerEngine extends AsyncDisposable {
  readonly env: NodeJS.ProcessEnv;
  /** Runs a program with DOCKER_HOST set; answers its standard output, throws with its standard error. */
  run(program: string, args: readonly string[], options?: { readonly cwd?: string; readonly timeoutMs?: number }): Promise<string>;
}

/** A Docker Engine of our own: nothing that may run on this machine already is touched. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const dir = await mkdtemp(join(tmpdir(), "podbus-docker-"));
  const socket = join(dir, "docker.sock");
  const daemon = spawn(
    "dockerd",
    [
      ...["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec"), "--pidfile", join(dir, "docker.pid")],
      ...["--host", `unix://${socket}`, "--bip", "172.30.0.1/24", "--default-address-pool", "base=172.31.0.0/16,size=24"],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const log = createWriteStream(join(dir, "dockerd.log"));
  daemon.stdout.pipe(log);
  daemon.stderr.pipe(log);
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: "0", COMPOSE_DOCKER_CLI_BUILD: "0" };
  const engine: DockerEngine = {
    env,
    run: async (program, args, options = {}) => {
      const { stdout } = await run(program, [...args], {
        env,
        maxBuffer: outputLimitBytes,
        timeout: options.timeoutMs ?? 600_000,
        ...(options.cwd ? { cwd: options.cwd } : {}),
      });
      return stdout;
    },
    [Symbol.asyncDispose]: () => stop(daemon, dir),
  };
  await answering(engine, daemon);
  return engine;
}

async function answering(engine: DockerEngine, daemon: ChildProcess): Promise<void> {
  const bound = AbortSignal.timeout(60_000);
  for (;;) {
    try {
      await engine.run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: 10_000 });
      return;
    } catch (error) {
      if (bound.aborted || daemon.exitCode !== null) throw new Error("dockerd did not start", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function stop(daemon: ChildProcess, dir: string): Promise<void> {
  if (daemon.exitCode === null) {
    const exit = once(daemon, "exit");
    daemon.kill("SIGTERM");
    await exit;
  }
  await rm(dir, { recursive: true, force: true });
}
