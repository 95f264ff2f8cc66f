import type { WatchPodsResponse } from "@podbus/contracts";
import { eventually } from "@podbus/testkit";
import { describe, expect, it } from "vitest";
import { nodeApiFixture, parsed, podFixture, storedPod, storePod, traceparent } from "./node-api-fixture.ts";

type Fixture = Awaited<ReturnType<typeof nodeApiFixture>>;

const key = (name: string) => ({ resource: "pods", namespace: "a", name });

/** "pod x", "gone x", "synced": what a node is told, in order. */
function told({ event }: WatchPodsResponse): string {
  if (event.case === "pod") return `pod ${parsed(event.value.podJson).metadata.name}`;
  return event.case === "gone" ? `gone ${event.value.pod?.name}` : (event.case ?? "nothing");
}

async function nodeJson(node: ReturnType<typeof listen>): Promise<Uint8Array> {
  const { event } = await node.read();
  if (event.case !== "node") throw new Error(`not about the node: ${event.case}`);
  return event.value.nodeJson;
}

function listen(gateway: Fixture, node: string) {
  const controller = new AbortController();
  const messages = gateway.nodeApi(node).watchPods({}, { signal: controller.signal })[Symbol.asyncIterator]();
  return {
    next: async () => told((await messages.next()).value as WatchPodsResponse),
    read: async () => (await messages.next()).value as WatchPodsResponse,
    take: async (count: number) => {
      const seen: string[] = [];
      while (seen.length < count) seen.push(told((await messages.next()).value as WatchPodsResponse));
      return seen;
    },
    [Symbol.dispose]: () => controller.abort(),
  };
}

describe("WatchPods", () => {
  it("tells a node its pods, then that it knows all, then every change", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    await storePod(gateway.store, podFixture("y", "n2"));
    using node = listen(gateway, "n1");
    expect(await node.take(2)).toEqual(["pod x", "synced"]);
    await storePod(gateway.store, podFixture("z", ""));
    await gateway.store.update(key("z"), podFixture("z", "n1"), gateway.store.cache.revision);
    await gateway.store.delete(key("x"), storedPod(gateway.store, "x")?.revision ?? 0);
    expect(await node.take(2)).toEqual(["pod z", "gone x"]);
  });

  it("tells the Node before its pods, and again before the next pod once it has changed", async () => {
    await using gateway = await nodeApiFixture();
    const nodeKey = { resource: "nodes", namespace: "", name: "n1" };
    const stored = { apiVersion: "v1", kind: "Node", metadata: { name: "n1", managedFields: [{ manager: "me" }] } };
    const { revision } = await gateway.store.create(nodeKey, stored);
    await storePod(gateway.store, podFixture("x", "n1"));
    using node = listen(gateway, "n1");
    expect(parsed(await nodeJson(node)).metadata.managedFields).toBeUndefined();
    expect(await node.take(2)).toEqual(["pod x", "synced"]);
    await storePod(gateway.store, podFixture("y", "n1"));
    expect(await node.next()).toBe("pod y");
    await gateway.store.update(nodeKey, { ...stored, metadata: { name: "n1", labels: { rack: "r1" } } }, revision);
    await storePod(gateway.store, podFixture("z", "n1"));
    expect(parsed(await nodeJson(node)).metadata.labels).toEqual({ rack: "r1" });
    expect(await node.next()).toBe("pod z");
  });

  it("gives a slow reader the last value of each pod, in the order of the last changes", async () => {
    await using gateway = await nodeApiFixture();
    const items = gateway.feed.subscribe("n1", new AbortController().signal);
    expect((await items.next()).value).toMatchObject({ kind: "synced" });
    const x = await storePod(gateway.store, podFixture("x", "n1"));
    await storePod(gateway.store, podFixture("y", "n1"));
    const running = podFixture("x", "n1", { status: { phase: "Running" } });
    await gateway.store.update(key("x"), running, x.revision);
    await gateway.clock.step(0);
    const seen = [(await items.next()).value, (await items.next()).value];
    expect(seen.map((item) => item?.kind === "pod" && item.pod.value.metadata.name)).toEqual(["y", "x"]);
    expect(seen[1]).toMatchObject({ pod: { value: { status: { phase: "Running" } } } });
    await items.return(undefined);
  });

  it("a second subscription begins again with all pods", async () => {
    await using gateway = await nodeApiFixture();
    await storePod(gateway.store, podFixture("x", "n1"));
    for (const _ of [1, 2]) {
      using node = listen(gateway, "n1");
      expect(await node.take(2)).toEqual(["pod x", "synced"]);
    }
  });

  it("records the first delivery of a pod in its own trace, once", async () => {
    await using gateway = await nodeApiFixture();
    const begun = podFixture("old", "n1", { status: { phase: "Running", startTime: "2026-01-01T00:00:00Z" } });
    await storePod(gateway.store, begun);
    await storePod(gateway.store, podFixture("x", "n1"));
    for (const _ of [1, 2]) {
      using node = listen(gateway, "n1");
      expect(await node.take(3)).toEqual(["pod old", "pod x", "synced"]);
    }
    await eventually(() => gateway.traces.spans({ name: "feed" }).length > 0);
    const [span, ...more] = gateway.traces.spans({ name: "feed" });
    expect(more).toEqual([]);
    expect(span?.attributes).toMatchObject({ "k8s.pod.uid": "uid-x", "k8s.node.name": "n1" });
    expect(span?.parentSpanContext).toMatchObject({
      traceId: traceparent.split("-")[1],
      spanId: traceparent.split("-")[2],
    });
  });

  it("carries the revision of each value", async () => {
    await using gateway = await nodeApiFixture();
    const { revision } = await storePod(gateway.store, podFixture("x", "n1"));
    using node = listen(gateway, "n1");
    expect((await node.read()).event.value).toMatchObject({ revision: BigInt(revision) });
  });
});
