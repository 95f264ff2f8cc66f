import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireBinary } from "@podbus/binaries";
import { eventually } from "@podbus/testkit";

const execute = promisify(execFile);
const stopGraceMs = 30_000;

/** A dockerd in network, mount and process namespaces of its own, which end with it. */
export interface IsolatedDaemon extends AsyncDisposable {
  /** A process whose network and mount namespaces are the daemon's. */
  readonly pid: number;
}

export interface DaemonOptions {
  readonly dir: string;
  readonly socket: string;
  /** "/name": the parent of its containers' cgroups. */
  readonly cgroup: string;
  readonly logFile: string;
}

/** Resolves when the daemon has a network and has been started; it may not answer yet. */
export async function startIsolatedDaemon(options: DaemonOptions): Promise<IsolatedDaemon> {
  await using starting = new AsyncDisposableStack();
  const daemon = await spawnDaemon(options);
  starting.defer(() => endDaemon(daemon));
  const { pid } = daemon;
  if (pid === undefined) throw new Error("setpriv could not be started");
  const network = await connectNetwork(pid);
  starting.defer(() => end(network));
  daemon.stdin?.end("start\n");
  const started = starting.move();
  return { pid, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Waits for a line on its standard input before dockerd starts. Its process is unshare, and all below die with it. */
async function spawnDaemon({ dir, socket, cgroup, logFile }: DaemonOptions): Promise<ChildProcess> {
  const isolate = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];
  // Mounts are shared as on any machine with systemd; docker insists on it for the node's state directory.
  const prepare = 'mount --make-rshared / && ip link set lo up && read -r _ && exec "$@"';
  const dockerd = [
    ...["docker-init", "--", requireBinary("dockerd")],
    ...["--data-root", join(dir, "data"), "--exec-root", join(dir, "exec"), "--pidfile", join(dir, "docker.pid")],
    ...["--host", `unix://${socket}`, "--cgroup-parent", cgroup],
    // Scopes of systemd would need process ids of its own namespace.
    ...["--exec-opt", "native.cgroupdriver=cgroupfs"],
    ...((await hasSysResource()) ? [] : ["--add-runtime", `limited=${limitedRunc}`, "--default-runtime", "limited"]),
  ];
  const command = ["--pdeathsig", "KILL", ...isolate, "sh", "-c", prepare, "sh", ...dockerd];
  const daemon = spawn("setpriv", command, { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
  const log = createWriteStream(logFile);
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
async function connectNetwork(pid: number): Promise<ChildProcess> {
  await eventually(async () => (await networkOf(pid)) !== (await networkOf(process.pid)), {
    message: "dockerd got no network namespace",
  });
  const options = ["--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=3"];
  const command = ["--pdeathsig", "KILL", requireBinary("slirp4netns"), ...options, `${pid}`, "tap0"];
  const network = spawn("setpriv", command, { stdio: ["ignore", "ignore", "pipe", "pipe"] });
  let said = "";
  network.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(network, "exit").then(() => {
    throw new Error(`slirp4netns ended: ${said}`);
  });
  const ready = network.stdio[3];
  if (!ready) throw new Error("slirp4netns has no ready pipe");
  await Promise.race([once(ready, "data"), ended]);
  ended.catch(() => undefined); // From here on it ends when we say so.
  return network;
}

const networkOf = (pid: number) => execute("readlink", [`/proc/${pid}/ns/net`]).then(({ stdout }) => stdout);

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
