import type { Service } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import {
  type AddressRange,
  addressProblem,
  addressText,
  candidates,
  claimsOf,
  firstAddress,
  keptAddresses,
  keptPorts,
  parseAddressRange,
  portProblem,
  sharedNodePort,
} from "./service-claims.ts";

const service = (spec: Service["spec"]): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "default" },
  spec,
});
const range = (cidr: string): AddressRange => parseAddressRange(cidr) ?? expect.fail(`${cidr} is no range`);

describe("a range of addresses", () => {
  it("leaves out the network's own and the broadcast address", () => {
    const { first, last } = range("10.96.0.0/29");
    expect([addressText(first), addressText(last)]).toEqual(["10.96.0.1", "10.96.0.6"]);
    expect(firstAddress(range("10.96.7.9/16"))).toBe("10.96.0.1");
  });

  it.each(["", "10.96.0.0", "10.96.0/16", "10.96.0.0/31", "10.96.0.0/7", "fd00::/64", "10.96.0.256/16", "a.b.c.d/16"])(
    "is not %j",
    (cidr) => {
      expect(parseAddressRange(cidr)).toBeUndefined();
    },
  );
});

describe("what a Service has", () => {
  it.each<[string, Service["spec"], string[]]>([
    ["an address", { type: "ClusterIP", clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7"] }, ["ip.10.96.0.7"]],
    ["nothing if it is headless", { type: "ClusterIP", clusterIP: "None", clusterIPs: ["None"] }, []],
    ["nothing if it is a name", { type: "ExternalName", externalName: "example.com" }, []],
    [
      "ports of the nodes, shared ones once",
      {
        type: "LoadBalancer",
        clusterIPs: ["10.96.0.7"],
        healthCheckNodePort: 30_009,
        ports: [
          { port: 53, protocol: "TCP", nodePort: 30_053 },
          { port: 53, protocol: "UDP", nodePort: 30_053 },
          { port: 80, protocol: "TCP" },
        ],
      },
      ["ip.10.96.0.7", "port.30053", "port.30009"],
    ],
  ])("is %s", (_, spec, claims) => {
    expect([...claimsOf(service(spec))]).toEqual(claims);
  });
});

describe("what a user asks for", () => {
  const asked = service({
    type: "NodePort",
    clusterIPs: ["10.0.0.1"],
    ports: [{ port: 1 }, { port: 80, nodePort: 80 }],
  });

  it("must be in the range of addresses", () => {
    expect(addressProblem(asked, "10.96.0.2", range("10.96.0.0/16"))).toEqual([]);
    for (const address of ["10.0.0.1", "10.96.0.0", "10.96.255.255"]) {
      expect(addressProblem(asked, address, range("10.96.0.0/16"))).toMatchObject([
        {
          field: "spec.clusterIPs",
          message: expect.stringContaining(
            `failed to allocate IP ${address}: the provided IP (${address}) is not in the valid range. The range of valid IPs is 10.96.0.0/16`,
          ),
        },
      ]);
    }
  });

  it("must be in the range of ports", () => {
    const ports = { first: 30_000, last: 32_767 };
    expect([30_000, 32_767].flatMap((port) => portProblem(asked, port, ports))).toEqual([]);
    expect(portProblem(asked, 80, ports)).toMatchObject([
      {
        field: "spec.ports[1].nodePort",
        message: expect.stringContaining(
          "provided port is not in the valid range. The range of valid ports is 30000-32767",
        ),
      },
    ]);
  });

  it("ports of one number share a node's port", () => {
    const ports = [{ port: 53, nodePort: 30_001 }, { port: 53 }, { port: 80 }];
    expect(ports.map((port) => sharedNodePort(ports, port))).toEqual([30_001, 30_001, undefined]);
  });
});

describe("what is given out", () => {
  const all = (first: number, last: number, random: number, kept: typeof keptAddresses | typeof keptPorts) => [
    ...candidates({ first, last }, kept, () => random),
  ];

  it.each([0, 0.3, 0.999])("comes first from above the part that is kept for users (random %d)", (random) => {
    const order = all(1, 254, random, keptAddresses);
    expect(order.slice(0, 238).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 238 }, (_, at) => 17 + at));
    expect(order).toHaveLength(254);
    expect(new Set(order).size).toBe(254);
  });

  it("keeps no more than 256 addresses and 128 ports", () => {
    expect(Math.min(...all(1, 65_534, 0, keptAddresses).slice(0, 65_534 - 256))).toBe(257);
    expect(Math.min(...all(30_000, 32_767, 0, keptPorts).slice(0, 2_768 - 86))).toBe(30_086);
    expect(Math.min(...all(1_024, 65_535, 0, keptPorts).slice(0, 64_512 - 128))).toBe(1_152);
  });

  it("is all of a small range", () => {
    expect(all(1, 6, 0.5, keptAddresses)).toEqual([4, 5, 6, 1, 2, 3]);
  });
});
