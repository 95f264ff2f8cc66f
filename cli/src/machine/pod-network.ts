import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireBinary } from "@podbus/binaries";
import { askInstance, type RunningInstance } from "./control-socket.ts";
import { runDirOfBridge } from "./layout.ts";

/** What is asked of the machine, and done to it. */
export interface MachineNetwork {
  /** As /proc/net/route: the IPv4 routes of all devices that are up, also where nobody is connected. */
  routes(): Promise<string>;
  /** What is connected to a bridge: one end of each pod's network. */
  ports(bridge: string): Promise<readonly string[]>;
  remove(bridge: string): Promise<void>;
  /** The podbus that runs with this run directory. */
  instanceAt(runDir: string): Promise<RunningInstance | undefined>;
}

export interface PodNetworkPlace {
  readonly bridge: string;
  /** "10.88.0.0/16" */
  readonly podCidr: string;
}

/**
 * Fails where another device has the pods' network or a part of it: the kernel would send to that one what is for pods.
 * What podbus itself has left of another network goes, unless containers still use it.
 */
export async function requireFreeNetwork(
  { bridge, podCidr }: PodNetworkPlace,
  machine: MachineNetwork = thisMachine,
): Promise<void> {
  const wanted = networkOf(podCidr);
  const routes = parseRoutes(await machine.routes());
  const other = routes.find((route) => route.device !== bridge && isWithin(route.network, wanted));
  if (other) throw new Error(`${await whose(other.device, podCidr, machine)} or choose another with --pod-cidr.`);
  if (!routes.some(({ device, network }) => device === bridge && !isWithin(network, wanted))) return;
  if ((await machine.ports(bridge)).length === 0) return machine.remove(bridge);
  throw new Error(
    `pods on the bridge ${bridge} have addresses of another network than ${podCidr}. ` +
      'Choose theirs with --pod-cidr, or remove them with "podbus reset".',
  );
}

async function whose(device: string, podCidr: string, machine: MachineNetwork): Promise<string> {
  const runDir = runDirOfBridge(device);
  if (runDir === undefined) return `the network of pods, ${podCidr}, is that of the interface ${device}. Free it,`;
  const instance = await machine.instanceAt(runDir);
  const has = `the network of pods, ${podCidr}, is on the bridge ${device}`;
  if (instance) return `${has} of the podbus on ${instance.stateDir} (pid ${instance.pid}). Stop and reset that one,`;
  const remove = `"ip link delete ${device}"`;
  if ((await machine.ports(device)).length === 0) {
    return `${has}, which a podbus has left that does not run. Remove it with ${remove},`;
  }
  return (
    `${has} of a podbus that does not run, but has containers. Remove them with "podbus reset" and its --state-dir ` +
    `(where that is gone, the bridge with ${remove}),`
  );
}

interface Network {
  /** Both as whole numbers. */
  readonly address: number;
  readonly size: number;
}

function networkOf(cidr: string): Network {
  const [address = "", bits] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { address: Math.floor(number / size) * size, size };
}

/** A wider one does no harm: the narrower route wins. */
const isWithin = (inner: Network, outer: Network): boolean =>
  inner.address >= outer.address && inner.address + inner.size <= outer.address + outer.size;

/** Columns are separated by tabs, numbers hexadecimal in the machine's byte order (Linux: net/ipv4/fib_trie.c fib_route_seq_show). */
function parseRoutes(text: string): { readonly device: string; readonly network: Network }[] {
  return text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [device = "", destination = "", , , , , , mask = ""] = line.split("\t").map((column) => column.trim());
      return { device, network: { address: hexNumber(destination), size: 2 ** 32 - hexNumber(mask) } };
    });
}

/** Every processor that Node runs on here has the low byte first. */
const hexNumber = (text: string): number => Buffer.from(text, "hex").readUInt32LE();

const thisMachine: MachineNetwork = {
  routes: () => readFile("/proc/net/route", "utf8"),
  ports: (bridge) => readdir(`/sys/class/net/${bridge}/brif`),
  remove: async (bridge) => {
    await promisify(execFile)(requireBinary("ip"), ["link", "delete", bridge]);
  },
  instanceAt: (runDir) => askInstance(join(runDir, "podbus.sock")),
};
