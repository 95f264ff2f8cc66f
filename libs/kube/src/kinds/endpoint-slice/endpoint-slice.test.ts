import { describe, expect, it } from "vitest";
import { cellsOf, createKind, creationProblems, readKind, updateKind, updateProblems } from "../kind-fixture.ts";
import { endpointSlices } from "./resource.ts";

const slice = (change: object = {}) => ({ addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }], ...change });
const endpoint = (change: object, addressType = "IPv4") =>
  slice({ addressType, endpoints: [{ addresses: ["10.0.0.1"], ...change }] });
const at = "endpoints[0]";
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const zones = (count: number, name = (index: number) => `z${index}`) => ({
  hints: { forZones: Array.from({ length: count }, (_, index) => ({ name: name(index) })) },
});

describe("EndpointSlice", () => {
  it.each<[string, object, string[]]>([
    ["a slice", slice(), []],
    ["of IPv6", endpoint({ addresses: ["fd00::1"] }, "IPv6"), []],
    ["of names", endpoint({ addresses: ["a.example.com", "b.example.com."] }, "FQDN"), []],
    ["no type", slice({ addressType: "" }), ["addressType: Required value"]],
    [
      "an odd type",
      slice({ addressType: "IP" }),
      ['addressType: Unsupported value: "IP": supported values: "FQDN", "IPv4", "IPv6"'],
    ],
    ["no address", endpoint({ addresses: [] }), [`${at}.addresses: Required value: must contain at least 1 address`]],
    [
      "101 addresses",
      endpoint({ addresses: Array.from({ length: 101 }, (_, index) => `10.0.0.${index + 1}`) }),
      [`${at}.addresses: Too many: 101: must have at most 100 items`],
    ],
    [
      "an address of the other family",
      endpoint({ addresses: ["fd00::1"] }),
      [`${at}.addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address`],
    ],
    [
      "what is no address",
      endpoint({ addresses: ["x"] }),
      [
        `${at}.addresses[0]: Invalid value: "x": must be a valid IPv4 address`,
        `${at}.addresses[0]: Invalid value: "x": must be a valid IP address`,
      ],
    ],
    [
      "loopback",
      endpoint({ addresses: ["127.0.0.1"] }),
      [`${at}.addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)`],
    ],
    [
      "a name of one part, and none",
      endpoint({ addresses: ["host", ""] }, "FQDN"),
      [
        `${at}.addresses[0]: Invalid value: "host": should be a domain with at least two segments separated by dots`,
        `${at}.addresses[1]: Required value`,
      ],
    ],
    [
      "all that an endpoint may say",
      endpoint({
        conditions: { ready: true, serving: true, terminating: false },
        hostname: "web-0",
        nodeName: "n1",
        zone: "z",
        targetRef: { kind: "Pod", name: "web-0" },
        ...zones(8),
      }),
      [],
    ],
    ["a host with a dot", endpoint({ hostname: "a.b" }), [`${at}.hostname: Invalid value: "a.b": ${label}`]],
    ["hints for nine zones", endpoint(zones(9)), [`${at}.hints.forZones: Too many: 9: must have at most 8 items`]],
    ["a hint twice", endpoint(zones(2, () => "z")), [`${at}.hints.forZones[1].name: Duplicate value: "z"`]],
    [
      "1001 endpoints",
      slice({ endpoints: Array.from({ length: 1001 }, () => ({ addresses: ["10.0.0.1"] })) }),
      ["endpoints: Too many: 1001: must have at most 1000 items"],
    ],
    ["ports", slice({ ports: [{ port: 80 }, { name: "b", protocol: "UDP" }] }), []],
    ["two ports without names", slice({ ports: [{ port: 80 }, { port: 81 }] }), ['ports[1].name: Duplicate value: ""']],
    ["a bad name", slice({ ports: [{ name: "A" }] }), [`ports[0].name: Invalid value: "A": ${label}`]],
    [
      "an odd protocol",
      slice({ ports: [{ protocol: "ICMP" }] }),
      ['ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'],
    ],
  ])("%s", (_sentence, value, expected) => {
    expect(creationProblems(endpointSlices, value)).toEqual(expected);
  });

  it.each<[string, object, object, string[]]>([
    ["endpoints come and go", slice(), slice({ endpoints: [] }), []],
    [
      "the type changes",
      slice({ endpoints: [] }),
      slice({ addressType: "IPv6", endpoints: [] }),
      ['addressType: Invalid value: "IPv6": field is immutable'],
    ],
  ])("update: %s", (_sentence, before, after, expected) => {
    expect(updateProblems(endpointSlices, before, after)).toEqual(expected);
  });

  it("a port is of TCP and has a name, if an empty one", () => {
    expect(readKind(endpointSlices, slice({ ports: [{ port: 80 }] })).ports).toEqual([
      { name: "", port: 80, protocol: "TCP" },
    ]);
  });

  it("its generation counts changes, of labels too", () => {
    const labelled = { ...slice(), metadata: { labels: { a: "b" } } };
    const annotated = { ...slice(), metadata: { annotations: { a: "b" } } };
    const generation = (after: object) => updateKind(endpointSlices, slice(), after).metadata.generation;
    expect(createKind(endpointSlices, slice()).metadata.generation).toBe(1);
    expect([slice(), annotated, labelled, slice({ endpoints: [] })].map(generation)).toEqual([1, 1, 2, 2]);
  });

  it.each<[string, object, string, string]>([
    ["nothing", slice({ endpoints: [] }), "<unset>", "<unset>"],
    [
      "some",
      slice({
        endpoints: [{ addresses: ["10.0.0.1", "10.0.0.2"] }],
        ports: [{ port: 80 }, { name: "b" }],
      }),
      "80,b",
      "10.0.0.1,10.0.0.2",
    ],
    [
      "many",
      slice({
        endpoints: [{ addresses: ["10.0.0.1", "10.0.0.2"] }, { addresses: ["10.0.0.3", "10.0.0.4", "10.0.0.5"] }],
        ports: [{ port: 1 }, { name: "b", port: 2 }, { name: "c", port: 3 }, { name: "d", port: 4 }],
      }),
      "1,2,3 + 1 more...",
      "10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...",
    ],
  ])("prints: %s", (_sentence, value, ports, endpoints) => {
    const made = createKind(endpointSlices, { ...value, metadata: { creationTimestamp: "2026-01-01T00:00:00Z" } });
    const cells = cellsOf(endpointSlices, made, Date.parse("2026-01-01T00:00:01Z"));
    expect(cells).toEqual({ Name: "a", AddressType: "IPv4", Ports: ports, Endpoints: endpoints, Age: "1s" });
  });
});
