import { describe, expect, it } from "vitest";
import { cellsOf, createKind, creationProblems, readKind, updateProblems } from "../kind-fixture.ts";
import { endpointsResource } from "./resource.ts";

const subsets = (...all: object[]) => ({ subsets: all });
const addresses = (...ips: string[]) => ips.map((ip) => ({ ip }));
const at = "subsets[0]";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

function port(change: object, ...others: object[]) {
  return subsets({ addresses: addresses("10.0.0.1"), ports: [{ port: 80, ...change }, ...others] });
}

function address(change: object) {
  return subsets({ addresses: [{ ip: "10.0.0.1", ...change }] });
}

describe("Endpoints", () => {
  it.each<[string, object, string[]]>([
    ["none", {}, []],
    ["an address without ports", subsets({ addresses: addresses("10.0.0.1") }), []],
    ["one that is not ready", subsets({ notReadyAddresses: addresses("fd00::1"), ports: [{ port: 80 }] }), []],
    [
      "nobody",
      subsets({ ports: [{ port: 80 }] }),
      [`${at}: Required value: must specify \`addresses\` or \`notReadyAddresses\``],
    ],
    [
      "what is no address",
      address({ ip: "host" }),
      [
        `${at}.addresses[0].ip: Invalid value: "host": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
        `${at}.addresses[0].ip: Invalid value: "host": must be a valid IP address`,
      ],
    ],
    [
      "loopback",
      subsets({ notReadyAddresses: addresses("127.0.0.1", "::1") }),
      [
        `${at}.notReadyAddresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)`,
        `${at}.notReadyAddresses[1].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)`,
      ],
    ],
    [
      "nowhere",
      address({ ip: "0.0.0.0" }),
      [`${at}.addresses[0].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)`],
    ],
    [
      "on the link only",
      subsets({ addresses: addresses("169.254.1.1", "fe80::1", "224.0.0.1") }),
      [
        `${at}.addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)`,
        `${at}.addresses[1].ip: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)`,
        `${at}.addresses[2].ip: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)`,
      ],
    ],
    ["a host and a node", address({ hostname: "web-0", nodeName: "n1" }), []],
    [
      "a host with a dot",
      address({ hostname: "a.b" }),
      [`${at}.addresses[0].hostname: Invalid value: "a.b": ${label}`],
    ],
    [
      "named ports",
      port({ name: "a" }, { name: "b", port: 81, protocol: "UDP", appProtocol: "kubernetes.io/h2c" }),
      [],
    ],
    [
      "ports without names",
      port({}, { port: 81 }),
      [`${at}.ports[0].name: Required value`, `${at}.ports[1].name: Required value`],
    ],
    ["a bad name", port({ name: "A" }), [`${at}.ports[0].name: Invalid value: "A": ${label}`]],
    ["no port", port({ port: 0 }), [`${at}.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive`]],
    [
      "an odd protocol",
      port({ protocol: "ICMP" }),
      [`${at}.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"`],
    ],
  ])("%s", (_sentence, value, expected) => {
    expect(creationProblems(endpointsResource, value)).toEqual(expected);
  });

  it("an update is judged by the same rules", () => {
    expect(updateProblems(endpointsResource, {}, subsets({}))).toEqual([
      `${at}: Required value: must specify \`addresses\` or \`notReadyAddresses\``,
    ]);
  });

  it("a port is of TCP", () => {
    expect(readKind(endpointsResource, port({})).subsets?.[0]?.ports).toEqual([{ port: 80, protocol: "TCP" }]);
  });

  it.each<[string, object, string]>([
    ["nobody", {}, "<none>"],
    ["nobody ready", subsets({ notReadyAddresses: addresses("10.0.0.1"), ports: [{ port: 80 }] }), ""],
    ["without ports", subsets({ addresses: addresses("10.0.0.1", "10.0.0.2") }), "10.0.0.1,10.0.0.2"],
    [
      "three",
      subsets({ addresses: addresses("10.0.0.1", "10.0.0.2", "fd00::1"), ports: [{ port: 80 }] }),
      "10.0.0.1:80,10.0.0.2:80,[fd00::1]:80",
    ],
    [
      "more than three, port by port",
      subsets({
        addresses: addresses("10.0.0.1", "10.0.0.2"),
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 81 },
        ],
      }),
      "10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...",
    ],
  ])("prints: %s", (_sentence, value, expected) => {
    const made = createKind(endpointsResource, { ...value, metadata: { creationTimestamp: "2026-01-01T00:00:00Z" } });
    const cells = cellsOf(endpointsResource, made, Date.parse("2026-01-01T00:00:01Z"));
    expect(cells).toEqual({ Name: "a", Endpoints: expected, Age: "1s" });
  });
});
