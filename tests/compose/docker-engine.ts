import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { toolsPath } from "@podbus/binaries";
import { eventually } from "@podbus/testkit";
import { childCgroups, removeCgroups } from "./cgroups.ts";
import { type IsolatedDaemon, startIsolatedDaemon } from "./isolated-daemon.ts";

const execute = promisify(execFile);
const outputLimitBytes = 64 * 2 ** 20;

export interface RunOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Added to the engine's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A Docker Engine of our own. */
export interface DockerEngine extends AsyncDisposable {
  /** The directory of everything that it keeps; goes with it. */
  readonly dir: string;
  /** "/name": the parent of its containers' cgroups. */
  readonly cgroup: string;
  /** Runs a program that talks to this engine; answers its standard output, throws with its standard error. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** The same for a program that must see the ports that containers publish. */
  runInNetwork(program: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Mount points below a path, as the engine sees them. */
  mountsBelow(path: string): Promise<readonly string[]>;
  /** Names of cgroups below a child of the engine's own, on any hierarchy. */
  cgroupsBelow(child: string): Promise<readonly string[]>;
}

/**
 * Starts dockerd in namespaces of its own. Its bridges, firewall rules and mounts never meet those of this machine or
 * of an engine that may run here already, and the kernel removes them with its last process. It reaches the network
 * through slirp4netns, which needs no rule outside either.
 */
export async function startDockerEngine(): Promise<DockerEngine> {
  const dir = await mkdtemp(join(tmpdir(), "podbus-docker-"));
  const cgroup = `/${basename(dir)}`;
  const [socket, logFile] = [join(dir, "docker.sock"), join(dir, "dockerd.log")];
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rm(dir, { recursive: true, force: true }));
  starting.defer(() => removeCgroups(cgroup));
  const daemon = starting.use(await startIsolatedDaemon({ dir, socket, cgroup, logFile }));
  const run = runnerFor(socket, join(dir, "client"));
  await mkdir(join(dir, "client"));
  await eventually(() => run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: 10_000 }), {
    timeoutMs: 60_000,
    intervalMs: 200,
    message: "dockerd does not answer",
  }).catch(async (cause) => {
    throw new Error(`dockerd did not start:\n${await readFile(logFile, "utf8")}`, { cause });
  });
  const started = starting.move();
  return {
    dir,
    cgroup,
    run,
    runInNetwork: (program, args, options) =>
      run("nsenter", [`--net=/proc/${daemon.pid}/ns/net`, "--", program, ...args], options),
    mountsBelow: (path) => mountsBelow(path, daemon),
    cgroupsBelow: (child) => childCgroups(join(cgroup, child)),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** The classic builder, since Debian 12 has no buildx; none of the user's own settings for docker. */
function runnerFor(socket: string, configDir: string): DockerEngine["run"] {
  const env = {
    ...process.env,
    PATH: toolsPath(),
    DOCKER_HOST: `unix://${socket}`,
    DOCKER_CONFIG: configDir,
    DOCKER_BUILDKIT: "0",
    COMPOSE_DOCKER_CLI_BUILD: "0",
  };
  return async (program, args, { cwd, timeoutMs = 600_000, env: added } = {}) => {
    const options = { maxBuffer: outputLimitBytes, timeout: timeoutMs, env: { ...env, ...added } };
    const running = execute(program, [...args], { ...options, ...(cwd ? { cwd } : {}) });
    const { stdout } = await running.catch((cause: Error & { stdout?: string }) => {
      // Builders say on standard output what they were doing; the message has standard error.
      throw new Error(`${cause.message}\n${cause.stdout?.slice(-4_000) ?? ""}`, { cause });
    });
    return stdout;
  };
}

async function mountsBelow(path: string, { pid }: IsolatedDaemon): Promise<readonly string[]> {
  const mounts = await readFile(`/proc/${pid}/mountinfo`, "utf8");
  const points = mounts.split("\n").map((line) => line.split(" ")[4] ?? "");
  return points.filter((point) => point.startsWith(`${path}/`));
}
