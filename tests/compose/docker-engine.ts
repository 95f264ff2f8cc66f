import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { requireBinary, toolsPath } from "@podbus/binaries";
import { eventually } from "@podbus/testkit";

const execute = promisify(execFile);
const outputLimitBytes = 64 * 2 ** 20;
const stopGraceMs = 30_000;

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
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rm(dir, { recursive: true, force: true }));
  const cgroup = `/${basename(dir)}`;
  starting.defer(() => removeCgroups(cgroup));
  const daemon = await spawnDaemon(dir, cgroup);
  starting.defer(() => endDaemon(daemon));
  const network = await connectNetwork(daemon);
  starting.defer(() => end(network));
  daemon.stdin?.end("start\n");

  const env = {
    ...process.env,
    PATH: toolsPath(),
    DOCKER_HOST: `unix://${join(dir, "docker.sock")}`,
    DOCKER_CONFIG: join(dir, "client"),
    DOCKER_BUILDKIT: "0",
    COMPOSE_DOCKER_CLI_BUILD: "0",
  };
  await mkdir(env.DOCKER_CONFIG);
  const run: DockerEngine["run"] = async (program, args, { cwd, timeoutMs = 600_000, env: added } = {}) => {
    const limits = { maxBuffer: outputLimitBytes, timeout: timeoutMs };
    const { stdout } = await execute(program, [...args], {
      ...limits,
      env: { ...env, ...added },
      ...(cwd ? { cwd } : {}),
    });
    return stdout;
  };
  await eventually(() => run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: 10_000 }), {
    timeoutMs: 60_000,
    intervalMs: 200,
    message: "dockerd does not answer",
  }).catch(async (cause) => {
    throw new Error(`dockerd did not start:\n${await readFile(join(dir, "dockerd.log"), "utf8")}`, { cause });
  });
  const opened = starting.move();
  return {
    dir,
    cgroup,
    run,
    runInNetwork: (program, args, options) =>
      run("nsenter", [`--net=/proc/${daemon.pid}/ns/net`, "--", program, ...args], options),
    mountsBelow: async (path) => {
      const mounts = await readFile(`/proc/${daemon.pid}/mountinfo`, "utf8");
      const points = mounts.split("\n").map((line) => line.split(" ")[4] ?? "");
      return points.filter((point) => point.startsWith(`${path}/`));
    },
    cgroupsBelow: async (child) => {
      const names = (await hierarchies()).map(async (each) => subdirectories(join(each, cgroup, child)));
      return (await Promise.all(names)).flat();
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Waits for a line on its standard input before dockerd starts. Its process is unshare, and all below die with it. */
async function spawnDaemon(dir: string, cgroup: string): Promise<ChildProcess> {
  const isolate = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];
  // Mounts are shared as on any machine with systemd; docker insists on it for the node's state directory.
  const prepare = 'mount --make-rshared / && ip link set lo up && read -r _ && exec "$@"';
  const dockerd = [
    ...["docker-init", "--", requireBinary("dockerd")],
    ...["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec"), "--pidfile", join(dir, "docker.pid")],
    ...["--host", `unix://${join(dir, "docker.sock")}`, "--cgroup-parent", cgroup],
    // Scopes of systemd would need process ids of its own namespace.
    ...["--exec-opt", "native.cgroupdriver=cgroupfs"],
    ...((await hasSysResource()) ? [] : ["--add-runtime", `limited=${limitedRunc}`, "--default-runtime", "limited"]),
  ];
  const command = ["--pdeathsig", "KILL", ...isolate, "sh", "-c", prepare, "sh", ...dockerd];
  const daemon = spawn("setpriv", command, { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
  const log = createWriteStream(join(dir, "dockerd.log"));
  daemon.stdout.pipe(log, { end: false });
  daemon.stderr.pipe(log, { end: false });
  return daemon;
}

const limitedRunc = join(import.meta.dirname, "runc-without-sys-resource.sh");

/** Whether we may have CAP_SYS_RESOURCE: bit 24 of the bounding set, capabilities(7). */
async function hasSysResource(): Promise<boolean> {
  const status = await readFile("/proc/self/status", "utf8");
  const [, bounding = "0"] = /^CapBnd:\s+(\w+)$/m.exec(status) ?? [];
  return ((BigInt(`0x${bounding}`) >> 24n) & 1n) === 1n;
}

/** A way out of the engine's network namespace. Resolves when it is there. */
async function connectNetwork({ pid }: ChildProcess): Promise<ChildProcess> {
  await eventually(async () => (await networkOf(pid)) !== (await networkOf(process.pid)), {
    message: "dockerd got no network namespace",
  });
  const options = ["--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=3"];
  const command = ["--pdeathsig", "KILL", requireBinary("slirp4netns"), ...options, `${pid}`, "tap0"];
  const network = spawn("setpriv", command, { stdio: ["ignore", "ignore", "inherit", "pipe"] });
  const ended = once(network, "exit").then(() => {
    throw new Error("slirp4netns ended");
  });
  const ready = network.stdio[3];
  if (!ready) throw new Error("slirp4netns has no ready pipe");
  await Promise.race([once(ready, "data"), ended]);
  ended.catch(() => undefined); // From here on it ends when we say so.
  return network;
}

const networkOf = (pid: number | undefined) =>
  execute("readlink", [`/proc/${pid}/ns/net`]).then(({ stdout }) => stdout);

/** unshare itself ignores SIGTERM while it waits for the first process of the namespace. */
async function endDaemon(daemon: ChildProcess): Promise<void> {
  if (hasEnded(daemon)) return;
  const exit = once(daemon, "exit");
  const first = await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, "utf8");
  if (first.trim()) process.kill(Number(first), "SIGTERM");
  const late = setTimeout(() => daemon.kill("SIGKILL"), stopGraceMs);
  await exit;
  clearTimeout(late);
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

/** Empty ones that containers left below the engine's own cgroup. */
async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeCgroup(join(hierarchy, name));
}

async function removeCgroup(path: string): Promise<void> {
  for (const child of await subdirectories(path)) await removeCgroup(join(path, child));
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

/** Where cgroups are: one place with version 2, one for each controller with version 1. */
async function hierarchies(): Promise<readonly string[]> {
  const mount = "/sys/fs/cgroup";
  return existsSync(join(mount, "cgroup.controllers"))
    ? [mount]
    : (await readdir(mount)).map((each) => join(mount, each));
}

/** None of a directory that is not there. */
async function subdirectories(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
