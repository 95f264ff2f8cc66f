import type { Lease, Node } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { nodeApiFixture } from "../node-api/node-api-fixture.ts";
import { monitorNodes } from "./node-monitor.ts";

const key = { resource: "nodes", namespace: "", name: "n1" };
const node: Node = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "n1", uid: "u1" },
  spec: {},
  status: { conditions: [{ type: "Ready", status: "True" }] },
};

async function monitored() {
  const gateway = await nodeApiFixture();
  await gateway.store.create(key, node);
  const stop = new AbortController();
  const running = monitorNodes(gateway.ports, stop.signal);
  return {
    ...gateway,
    ready: () => gateway.store.cache.get<Node>(key)?.value.status?.conditions?.[0],
    leases: () => gateway.store.cache.list<Lease>("leases.coordination.k8s.io").items.length,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await gateway[Symbol.asyncDispose]();
    },
  };
}

describe("monitorNodes", () => {
  it("marks a node 40 seconds after its last renewal, once", async () => {
    await using gateway = await monitored();
    await gateway.nodeApi("n1").renewLease({ leaseDurationSeconds: 40 });
    await gateway.clock.step(5_000);
    await gateway.clock.step(40_000);
    expect(gateway.ready()?.status).toBe("True");
    await gateway.clock.step(5_000);
    expect(gateway.ready()).toMatchObject({
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    });
    const { revision } = gateway.store.cache;
    await gateway.clock.step(60_000);
    expect(gateway.store.cache.revision).toBe(revision);
  });

  it("leaves a node alone that renews", async () => {
    await using gateway = await monitored();
    for (let i = 0; i < 12; i++) {
      await gateway.nodeApi("n1").renewLease({ leaseDurationSeconds: 40 });
      await gateway.clock.step(10_000);
    }
    expect(gateway.ready()?.status).toBe("True");
  });

  it("removes the lease of a node that was deleted", async () => {
    await using gateway = await monitored();
    await gateway.nodeApi("n1").renewLease({ leaseDurationSeconds: 40 });
    await gateway.clock.step(5_000);
    expect(gateway.leases()).toBe(1);
    await gateway.store.delete(key, gateway.store.cache.get(key)?.revision ?? 0);
    await gateway.clock.step(5_000);
    expect(gateway.leases()).toBe(0);
  });
});
