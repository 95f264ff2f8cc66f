import { describe, expect, it } from "vitest";
import { endpointsOf, type ListeningPlace, reachableAddress } from "./api-server-endpoints.ts";

describe("a replica is reached", () => {
  it.each<[string, ListeningPlace, object | undefined]>([
    [
      "at the machine's address, if it listens on all",
      { host: "0.0.0.0", port: 6443 },
      { ip: "192.0.2.7", port: 6443 },
    ],
    ["at the one it listens on", { host: "192.0.2.9", port: 6443 }, { ip: "192.0.2.9", port: 6443 }],
    ["by nobody else at a loopback address", { host: "127.0.0.1", port: 6443 }, undefined],
    ["by nobody known at a name", { host: "localhost", port: 6443 }, undefined],
    [
      "at what it was told",
      { host: "127.0.0.1", port: 1, advertised: { host: "192.0.2.8", port: 443 } },
      { ip: "192.0.2.8", port: 443 },
    ],
    [
      "at the machine's address and the port it was told",
      { host: "0.0.0.0", port: 1, advertised: { host: "", port: 443 } },
      { ip: "192.0.2.7", port: 443 },
    ],
    ["not by a name that it was told", { host: "0.0.0.0", port: 1, advertised: { host: "api", port: 443 } }, undefined],
    ["not over IPv6 yet", { host: "fd00::1", port: 6443 }, undefined],
  ])("%s", (_sentence, place, expected) => {
    expect(reachableAddress(place, "192.0.2.7")).toEqual(expected);
  });

  it("by nobody where the machine has no address", () => {
    expect(reachableAddress({ host: "0.0.0.0", port: 6443 }, undefined)).toBeUndefined();
  });
});

it("replicas are told once each and in order, those of the lowest port", () => {
  const at = (ip: string, port = 6443) => ({ ip, port });
  const { subsets, slice } = endpointsOf([at("192.0.2.2"), at("192.0.2.1"), at("192.0.2.2"), at("192.0.2.3", 7000)]);
  const ports = [{ name: "https", port: 6443, protocol: "TCP" }];
  expect(subsets).toEqual([{ addresses: [{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }], ports }]);
  expect(slice.endpoints.map(({ addresses }) => addresses)).toEqual([["192.0.2.1"], ["192.0.2.2"]]);
  expect(slice.ports).toEqual(ports);
});
