import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findBinary, requireBinary } from "@podbus/binaries";
import { PodbusError } from "@podbus/errors";

/** One containerd of our own: where it lives and which network its pods have. */
export interface ContainerdSettings {
  /** Images, snapshots, metadata, address leases: survives a restart of the machine. */
  readonly rootDir: string;
  /** Sockets, shims, network namespaces: on tmpfs. Keep it short, socket paths end at 107 bytes. */
  readonly runDir: string;
  /** Must be free on this machine. */
  readonly podCidr: string;
  /** The bridge of the pods' network: at most 15 bytes. Two instances on a machine need two. */
  readonly bridge: string;
  readonly pauseImage: string;
  /** Registries reached over plain http, besides those on 127.0.0.1 and localhost: "registry:5000". */
  readonly plainHttpRegistries?: readonly string[];
}

export interface ContainerdPaths {
  readonly configFile: string;
  readonly socket: string;
  /** For createCri. */
  readonly endpoint: string;
  readonly cniConfDir: string;
  readonly registryHostsDir: string;
}

export function containerdPaths({ rootDir, runDir }: Pick<ContainerdSettings, "rootDir" | "runDir">): ContainerdPaths {
  const socket = join(runDir, "containerd.sock");
  return {
    configFile: join(rootDir, "config.toml"),
    socket,
    endpoint: `unix://${socket}`,
    cniConfDir: join(rootDir, "cni", "net.d"),
    registryHostsDir: join(rootDir, "certs.d"),
  };
}

const templates = new URL("../../../../deploy/", import.meta.url);

export interface InstalledParts {
  readonly runc: string;
  readonly cniBinDir: string;
  readonly apparmor: boolean;
}

/** The text of config.toml. Pure. */
export function renderContainerdConfig(settings: ContainerdSettings, installed: InstalledParts): string {
  const paths = containerdPaths(settings);
  return fill("containerd/config.toml.template", {
    ROOT_DIR: settings.rootDir,
    RUN_DIR: settings.runDir,
    SOCKET: paths.socket,
    PAUSE_IMAGE: settings.pauseImage,
    DISABLE_APPARMOR: String(!installed.apparmor),
    CNI_BIN_DIR: installed.cniBinDir,
    CNI_CONF_DIR: paths.cniConfDir,
    REGISTRY_HOSTS_DIR: paths.registryHostsDir,
    RUNC: installed.runc,
  });
}

/** The pods' network: a bridge, addresses leased from podCidr, hostPorts. */
export function renderCniConfig({ rootDir, bridge, podCidr }: ContainerdSettings): string {
  if (Buffer.byteLength(bridge) > 15) {
    throw new PodbusError({
      code: "INVALID_ARGUMENT",
      message: `the bridge's name "${bridge}" is longer than 15 bytes`,
    });
  }
  return fill("cni/podbus.conflist.template", {
    NETWORK_NAME: bridge,
    BRIDGE: bridge,
    POD_CIDR: podCidr,
    IPAM_DIR: join(rootDir, "cni", "networks"),
  });
}

/** hosts.toml for a registry without TLS. containerd itself does so for localhost; this is for other names. */
export function renderPlainHttpHost(registry: string): string {
  return `server = "http://${registry}"\n\n[host."http://${registry}"]\n  capabilities = ["pull", "resolve"]\n`;
}

/** Writes everything that `containerd --config` needs. Safe to repeat; a running containerd does not notice. */
export async function writeContainerdConfig(settings: ContainerdSettings): Promise<ContainerdPaths> {
  const paths = containerdPaths(settings);
  const dirs = [
    settings.rootDir,
    settings.runDir,
    join(settings.runDir, "tmp"),
    paths.cniConfDir,
    paths.registryHostsDir,
  ];
  for (const dir of dirs) await mkdir(dir, { recursive: true });
  await writeFile(paths.configFile, renderContainerdConfig(settings, findInstalledParts()));
  await writeFile(join(paths.cniConfDir, "10-podbus.conflist"), renderCniConfig(settings));
  for (const registry of settings.plainHttpRegistries ?? []) {
    const dir = join(paths.registryHostsDir, registry);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "hosts.toml"), renderPlainHttpHost(registry));
  }
  return paths;
}

/** Debian's place, and the one that CNI's own documents name. */
const cniBinDirs = ["/usr/lib/cni", "/opt/cni/bin"] as const;

export function findInstalledParts(): InstalledParts {
  const cniBinDir = cniBinDirs.find((dir) => existsSync(join(dir, "bridge")));
  if (cniBinDir === undefined) {
    throw new PodbusError({
      code: "FAILED_PRECONDITION",
      reason: "MissingBinary",
      message: 'the CNI plugins are not installed on this machine: run "make setup" as root',
    });
  }
  return { runc: requireBinary("runc"), cniBinDir, apparmor: hasApparmor() };
}

/** The kernel has it switched on, and the parser that loads containerd's profile is there. */
function hasApparmor(): boolean {
  const enabled = "/sys/module/apparmor/parameters/enabled";
  return (
    existsSync(enabled) && readFileSync(enabled, "utf8").startsWith("Y") && findBinary("apparmor_parser") !== undefined
  );
}

/** Fails on a name that the template has and `values` lacks, or the reverse. */
function fill(template: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(new URL(template, templates), "utf8");
  const unused = new Set(Object.keys(values));
  const filled = text.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${template}: no value for @${name}@`);
    if (/["\\\n]/.test(value)) throw new Error(`${template}: ${name} may not hold quotes, backslashes or line ends`);
    unused.delete(name);
    return value;
  });
  if (unused.size > 0) throw new Error(`${template}: has no place for ${[...unused].join(", ")}`);
  return filled;
}
