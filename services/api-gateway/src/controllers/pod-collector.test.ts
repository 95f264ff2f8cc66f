import type { Node, PodStatus } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { nodeApiFixture, podFixture, storedPod, storePod } from "../node-api/node-api-fixture.ts";
import { collectPods } from "./pod-collector.ts";

const nodeKey = { resource: "nodes", namespace: "", name: "n1" };
const node: Node = { apiVersion: "v1", kind: "Node", metadata: { name: "n1", uid: "u1" }, spec: {}, status: {} };

async function collected(threshold = 12_500) {
  const gateway = await nodeApiFixture();
  const stop = new AbortController();
  const running = collectPods(gateway.ports, threshold, stop.signal);
  return {
    ...gateway,
    statusOf: (name: string): PodStatus | undefined => storedPod(gateway.store, name)?.value.status,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await gateway[Symbol.asyncDispose]();
    },
  };
}

describe("collectPods", () => {
  it("fails and removes a pod whose node is gone for 40 s", async () => {
    await using gateway = await collected();
    const held = podFixture("held", "n1");
    await storePod(gateway.store, { ...held, metadata: { ...held.metadata, finalizers: ["example.com/keep"] } });
    await storePod(gateway.store, podFixture("p", "n1"));
    await gateway.clock.step(20_000);
    await gateway.clock.step(20_000);
    expect(gateway.statusOf("p")?.phase).toBe("Pending");
    await gateway.clock.step(20_000);
    expect(gateway.statusOf("p")).toBeUndefined();
    // The finalizer lets one see what a watch would have told of the other.
    expect(storedPod(gateway.store, "held")?.value).toMatchObject({
      metadata: { deletionGracePeriodSeconds: 0 },
      status: {
        phase: "Failed",
        conditions: [
          {
            type: "DisruptionTarget",
            status: "True",
            reason: "DeletionByPodGC",
            message: "PodGC: node no longer exists",
          },
        ],
      },
    });
    const { revision } = gateway.store.cache;
    await gateway.clock.step(20_000);
    expect(gateway.store.cache.revision).toBe(revision);
  });

  it("leaves a pod alone whose node comes back in time", async () => {
    await using gateway = await collected();
    await storePod(gateway.store, podFixture("p", "n1"));
    await gateway.clock.step(40_000);
    await gateway.store.create(nodeKey, node);
    await gateway.clock.step(20_000);
    await gateway.store.delete(nodeKey, gateway.store.cache.get(nodeKey)?.revision ?? 0);
    await gateway.clock.step(20_000);
    await gateway.clock.step(20_000);
    expect(gateway.statusOf("p")?.phase).toBe("Pending");
  });

  it("removes what has ended beyond the threshold, as it is", async () => {
    await using gateway = await collected(1);
    await gateway.store.create(nodeKey, node);
    for (const name of ["a", "b"])
      await storePod(gateway.store, podFixture(name, "n1", { status: { phase: "Succeeded" } }));
    await gateway.clock.step(20_000);
    expect(gateway.statusOf("a")).toBeUndefined();
    expect(gateway.statusOf("b")?.phase).toBe("Succeeded");
  });
});
