import type { Pod } from "@podbus/kube";
import { describe, expect, it, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { type ClusterDns, parseResolvConf, podDns } from "./pod-dns.ts";

const host = { servers: ["192.0.2.1"], searches: ["corp.example"], options: ["timeout:2"] };
const none: ClusterDns = { servers: [], domain: "cluster.local" };
const cluster = { servers: ["10.96.0.10"], domain: "cluster.local" };
const ofCluster = {
  servers: ["10.96.0.10"],
  searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "corp.example"],
  options: ["ndots:5"],
};
const own = {
  nameservers: ["192.0.2.9", "192.0.2.1"],
  searches: ["my.example", "corp.example"],
  options: [{ name: "timeout", value: "5" }, { name: "edns0" }],
};

test("resolv.conf", () => {
  const text =
    "# c\nnameserver 192.0.2.1\n search a.example b.example.\nnameserver fd00::1\noptions ndots:2\nsearch c.example.\n";
  expect(parseResolvConf(text)).toEqual({
    servers: ["192.0.2.1", "fd00::1"],
    searches: ["c.example"],
    options: ["ndots:2"],
  });
});

describe("the resolver of a pod", () => {
  const cases: [string, Partial<Pod["spec"]>, ClusterDns, object][] = [
    ["Default: the node's", { dnsPolicy: "Default" }, cluster, host],
    ["ClusterFirst: the cluster's", { dnsPolicy: "ClusterFirst" }, cluster, ofCluster],
    ["ClusterFirst without a cluster DNS: the node's", { dnsPolicy: "ClusterFirst" }, none, host],
    ["ClusterFirst on the host's network: the node's", { dnsPolicy: "ClusterFirst", hostNetwork: true }, cluster, host],
    [
      "ClusterFirstWithHostNet: the cluster's there too",
      { dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true },
      cluster,
      ofCluster,
    ],
    [
      "None: only its own",
      { dnsPolicy: "None", dnsConfig: own },
      cluster,
      {
        servers: ["192.0.2.9", "192.0.2.1"],
        searches: ["my.example", "corp.example"],
        options: ["timeout:5", "edns0"],
      },
    ],
    [
      "its own after the node's, each once; its options win",
      { dnsPolicy: "Default", dnsConfig: own },
      none,
      {
        servers: ["192.0.2.1", "192.0.2.9"],
        searches: ["corp.example", "my.example"],
        options: ["timeout:5", "edns0"],
      },
    ],
  ];
  it.each(cases)("%s", (_, spec, of, settings) => {
    expect(podDns(pod(spec), host, of)).toEqual({ settings, warnings: [] });
  });
});

describe("limits", () => {
  it("three name servers", () => {
    const nameservers = ["192.0.2.2", "192.0.2.3", "192.0.2.4"];
    const { settings, warnings } = podDns(pod({ dnsPolicy: "Default", dnsConfig: { nameservers } }), host, none);
    expect(settings.servers).toEqual(["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    expect(warnings).toEqual([
      "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 192.0.2.1 192.0.2.2 192.0.2.3",
    ]);
  });

  it.each([
    ["32 search paths", Array.from({ length: 40 }, (_, n) => `d${n}.example`), 32],
    ["2,048 characters of them", Array.from({ length: 20 }, (_, n) => `${n}.${"x".repeat(200)}`), 11],
    ["253 characters of one", ["a.example", "x".repeat(254)], 2],
  ])("%s", (_, searches, count) => {
    const { settings, warnings } = podDns(pod({ dnsPolicy: "Default", dnsConfig: { searches } }), host, none);
    expect(settings.searches).toHaveLength(count);
    expect(warnings).toEqual([expect.stringMatching(/^Search Line limits were exceeded, .*: corp\.example /)]);
  });
});
