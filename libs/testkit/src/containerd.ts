import { execFile } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireBinary, toolsPath } from "@podbus/binaries";
import { systemClock } from "@podbus/clock";
import {
  type ContainerdSettings,
  type Cri,
  createCri,
  removeAllSandboxes,
  removeContainerdLeftovers,
  waitUntilRuntimeReady,
  writeContainerdConfig,
} from "@podbus/cri";
import { importPauseImage, pauseImage } from "@podbus/images";
import { ChildServer } from "./child-server.ts";
import type { TestRegistry } from "./registry.ts";

export interface ContainerdOptions {
  /** Where everything lives. Default: a temporary directory. Removed at dispose either way. */
  readonly dir?: string;
  /** Registries reached over plain http. Those on 127.0.0.1 and localhost are anyway. */
  readonly plainHttpRegistries?: readonly string[];
  /** Registries with TLS whose certificate no authority of the system has signed. */
  readonly trustedRegistries?: readonly TrustedRegistry[];
  /** HTTP_PROXY and the like. */
  readonly env?: Readonly<Record<string, string>>;
}

export type TrustedRegistry = Pick<TestRegistry, "host" | "certificatePem">;

export interface TestContainerd extends AsyncDisposable {
  /** "unix:///…/containerd.sock". */
  readonly endpoint: string;
  readonly socket: string;
  /** A client; it survives restarts. */
  readonly cri: Cri;
  readonly settings: ContainerdSettings;
  readonly logFile: string;
  readonly pid: number | undefined;
  /** A fault: the process is gone when it resolves, shims and containers live on. Default SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Kills it if it runs, and starts it again; resolves when CRI is ready. */
  restart(signal?: NodeJS.Signals): Promise<void>;
  /** Leases and half-done downloads: none, soon after the last pull has ended. */
  unfinishedPulls(): Promise<readonly string[]>;
  /** Removes everything: pods, shims, mounts, network namespaces, bridge, directories. Only its own. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A real containerd with its own directories, socket, bridge and subnet, so that several run on one machine. */
export async function startContainerd(options: ContainerdOptions = {}): Promise<TestContainerd> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), "podbus-ctd-")));
  await mkdir(dir, { recursive: true });
  const settings: ContainerdSettings = {
    rootDir: join(dir, "root"),
    runDir: join(dir, "run"),
    ...freeNetwork(),
    pauseImage,
    plainHttpRegistries: options.plainHttpRegistries ?? [],
  };
  const { socket, endpoint, configFile, registryHostsDir } = await writeContainerdConfig(settings);
  for (const registry of options.trustedRegistries ?? []) await writeTrust(registryHostsDir, registry);
  const cri = createCri({ endpoint, clock: systemClock });
  const logFile = join(dir, "containerd.log");
  const server = new ChildServer({
    name: "containerd",
    command: requireBinary("containerd"),
    args: ["--config", configFile],
    env: { PATH: toolsPath(), ...options.env },
    logFile,
    ready: () => isReady(cri),
  });
  const restart = async (signal: NodeJS.Signals = "SIGKILL") => {
    await server.kill(signal);
    await server.start();
  };
  const removePods = () =>
    removeAllSandboxes(cri).catch(async () => {
      // It may have been killed a moment ago, and only a living one can give back addresses and port mappings.
      await restart();
      await removeAllSandboxes(cri);
    });
  const removeTraces = async () => {
    await cri[Symbol.asyncDispose]();
    await server.stop();
    const problems = await removeContainerdLeftovers(settings, systemClock);
    if (problems.length > 0) throw new Error(`containerd left something behind: ${problems.join("; ")}`);
    await rm(logFile, { force: true });
    if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
  };
  const handle: TestContainerd = {
    endpoint,
    socket,
    cri,
    settings,
    logFile,
    get pid() {
      return server.pid;
    },
    kill: (signal = "SIGKILL") => server.kill(signal),
    restart,
    unfinishedPulls: async () => [
      ...(await ctrLines(socket, "leases", "ls")),
      ...(await ctrLines(socket, "content", "active")),
    ],
    [Symbol.asyncDispose]: () => removePods().finally(removeTraces),
  };
  try {
    await server.start();
    await importPauseImage(socket);
    return handle;
  } catch (error) {
    await removeTraces();
    throw error;
  }
}

/** https://github.com/containerd/containerd/blob/main/docs/hosts.md, `ca`. */
async function writeTrust(registryHostsDir: string, { host, certificatePem = "" }: TrustedRegistry): Promise<void> {
  const dir = join(registryHostsDir, host);
  const ca = join(dir, "ca.crt");
  await mkdir(dir, { recursive: true });
  await writeFile(ca, certificatePem);
  const url = JSON.stringify(`https://${host}`);
  const trust = `ca = ${JSON.stringify(ca)}`;
  await writeFile(join(dir, "hosts.toml"), `server = ${url}\n${trust}\n\n[host.${url}]\n  ${trust}\n`);
}

async function isReady(cri: Cri): Promise<boolean> {
  await waitUntilRuntimeReady(cri, { clock: systemClock, timeoutMs: 0 });
  return true;
}

/** First words of the lines below the heading. */
async function ctrLines(socket: string, ...command: string[]): Promise<readonly string[]> {
  const args = ["--address", socket, "--namespace", "k8s.io", ...command];
  const { stdout } = await promisify(execFile)(requireBinary("ctr"), args);
  const [, ...lines] = stdout.trim().split("\n");
  return lines.map((line) => line.split(/\s/)[0] ?? "");
}

/** A bridge and a subnet in 10.64.0.0/10 that no interface of this machine has. */
function freeNetwork(): { readonly bridge: string; readonly podCidr: string } {
  const taken = Object.values(networkInterfaces())
    .flat()
    .map((each) => each?.address ?? "");
  for (;;) {
    const prefix = `10.${64 + randomInt(64)}.${randomInt(256)}`;
    if (taken.some((address) => address.startsWith(`${prefix}.`))) continue;
    return { bridge: `pbt-${prefix.slice(3)}`, podCidr: `${prefix}.0/24` };
  }
}
