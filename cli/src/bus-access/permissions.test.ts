import { describe, expect, it } from "vitest";
import { clusterIdentities, nodeIdentities } from "./identities.ts";
import { permissionsOf } from "./permissions.ts";

const everyone = [...clusterIdentities, ...nodeIdentities("n1"), ...nodeIdentities("n2")];
const of = (name: string, node = "") => {
  const identity = everyone.find((each) => each.name === name && each.node === node);
  if (!identity) throw new Error(`no identity ${name} ${node}`);
  return permissionsOf(identity, everyone);
};

describe("who may do what on the bus", () => {
  it("no node service touches the store", () => {
    for (const { name, node } of nodeIdentities("n1")) {
      const { publish, subscribe } = of(name, node);
      expect([...publish, ...subscribe].filter((subject) => /^\$(JS|KV)/.test(subject))).toEqual([]);
    }
  });

  it("a node's services publish only on subjects of that node, and to inboxes", () => {
    for (const { name, node } of nodeIdentities("n1")) {
      for (const subject of of(name, node).publish) expect(subject).toMatch(/^(podbus\.v1\.node\.n1\.|_INBOX\.)/);
    }
  });

  it("no node service may subscribe to another node's subjects or to another's inbox", () => {
    for (const { name, node } of nodeIdentities("n1")) {
      for (const subject of of(name, node).subscribe) {
        expect(subject).toMatch(new RegExp(`^(podbus\\.v1\\.node\\.n1\\.|_INBOX\\.${name}\\.n1\\.>$|\\$SRV\\.)`));
      }
    }
  });

  it("every contract that somebody calls has a provider who may answer the caller", () => {
    for (const caller of everyone) {
      for (const call of caller.calls) {
        const providers = everyone.filter((each) => each.serves.some((served) => served.service === call.service));
        expect(providers.length, call.service.typeName).toBeGreaterThan(0);
        const inbox = [...of(caller.name, caller.node).subscribe].find((subject) => subject.startsWith("_INBOX."));
        const here = providers.find((each) => caller.node === "" || each.node === "" || each.node === caller.node);
        expect(of(here?.name ?? "", here?.node).publish).toContain(inbox);
      }
    }
  });

  it("what the probes of a node find is told by its own runner alone, to the admin alone", () => {
    const watch = (node: string) => `podbus.v1.node.${node}.probe-monitor.WatchResults`;
    const allowed = (right: "publish" | "subscribe", node: string) =>
      everyone.filter((each) => of(each.name, each.node)[right].includes(watch(node)));
    expect(allowed("subscribe", "n1").map(({ name, node }) => [name, node])).toEqual([["probe-runner", "n1"]]);
    expect(allowed("publish", "*").map(({ name }) => name)).toEqual(["admin"]);
    expect(allowed("publish", "n1")).toEqual([]);
  });

  it("only the admin may ask all services who they are", () => {
    const askers = everyone.filter((each) => of(each.name, each.node).publish.includes("$SRV.>"));
    expect(askers.map((each) => each.name)).toEqual(["admin"]);
  });
});
