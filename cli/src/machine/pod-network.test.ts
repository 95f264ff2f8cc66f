import { expect, it, test } from "vitest";
import { layoutOf, runDirOfBridge } from "./layout.ts";
import { type MachineNetwork, requireFreeNetwork } from "./pod-network.ts";

const place = { bridge: "podbus-00000001", podCidr: "10.89.0.0/16" };
const stale = "podbus-00000002";

/** Device, address and mask of each route, as the kernel writes them. */
function machine(
  routes: readonly (readonly [string, string, string])[],
  ports: Readonly<Record<string, string[]>> = {},
) {
  const removed: string[] = [];
  const lines = routes.map(
    ([device, address, mask]) => `${device}\t${address}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0  `,
  );
  const network: MachineNetwork = {
    routes: async () =>
      `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n${lines.join("\n")}\n`,
    ports: async (bridge) => ports[bridge] ?? [],
    remove: async (bridge) => void removed.push(bridge),
    instanceAt: async (runDir) =>
      runDir === "/run/podbus"
        ? { pid: 7, startedAt: "", stateDir: "/var/lib/podbus", nodeName: "n", apiUrl: "", natsUrl: "" }
        : undefined,
  };
  return { network, removed };
}

const whole = ["0000590A", "0000FFFF"] as const;

test.each<[string, readonly (readonly [string, string, string])[]]>([
  ["nothing but a way out", [["eth0", "00000000", "00000000"]]],
  ["its own bridge", [[place.bridge, ...whole]]],
  ["another network", [[stale, "00005A0A", "0000FFFF"]]],
  ["a wider one, which that of pods goes before", [["vpn0", "0000000A", "000000FF"]]],
])("is free: %s", async (_sentence, routes) => {
  const { network, removed } = machine(routes);
  await requireFreeNetwork(place, network);
  expect(removed).toEqual([]);
});

test.each<[string, string, string[], RegExp]>([
  [
    "a podbus that is gone",
    stale,
    [],
    /^the network of pods, 10\.89\.0\.0\/16, is on the bridge podbus-00000002, which a podbus has left that does not run\. Remove it with "ip link delete podbus-00000002", or choose another with --pod-cidr\.$/,
  ],
  [
    "one whose containers go on",
    stale,
    ["veth1"],
    /does not run, but has containers\. Remove them with "podbus reset"/,
  ],
  ["one that runs", "podbus0", [], /on the bridge podbus0 of the podbus on \/var\/lib\/podbus \(pid 7\)\./],
  ["somebody else", "cni0", [], /is that of the interface cni0\. Free it, or choose another with --pod-cidr\.$/],
])("is taken by %s", async (_sentence, device, ports, message) => {
  const { network, removed } = machine([[device, ...whole]], { [device]: ports });
  await expect(requireFreeNetwork(place, network)).rejects.toThrow(message);
  expect(removed).toEqual([]);
});

it("is taken by who has a part of it", async () => {
  const { network } = machine([["eth1", "0003590A", "00FFFFFF"]]);
  await expect(requireFreeNetwork(place, network)).rejects.toThrow("the interface eth1");
});

it("its own bridge with another network goes, unless pods are on it", async () => {
  const routes = [[place.bridge, "00005A0A", "0000FFFF"]] as const;
  const { network, removed } = machine(routes);
  await requireFreeNetwork(place, network);
  expect(removed).toEqual([place.bridge]);
  const used = machine(routes, { [place.bridge]: ["veth1"] });
  await expect(requireFreeNetwork(place, used.network)).rejects.toThrow(
    "pods on the bridge podbus-00000001 have addresses of another network than 10.89.0.0/16",
  );
  expect(used.removed).toEqual([]);
});

it.each(["/var/lib/podbus", "/tmp/other"])("a bridge tells the run directory of the podbus on %s", (stateDir) => {
  const { bridge, runDir } = layoutOf(stateDir);
  expect(runDirOfBridge(bridge)).toBe(runDir);
});

it.each(["podbus-e2e", "cni0", "podbus-0000000g"])("%s is no bridge of podbus", (name) => {
  expect(runDirOfBridge(name)).toBeUndefined();
});
