import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeFixture, podAsking } from "../object-fixtures.ts";
import { ClusterState } from "./cluster-state.ts";
import { compilePodDemand } from "./pod-demand.ts";

const demand = (name: string, cpu = "1") => compilePodDemand(podAsking({ cpu }, name));

describe("ClusterState", () => {
  it("counts a pod once, however often it is told", () => {
    const cluster = new ClusterState();
    cluster.setNode(nodeFixture("a"));
    cluster.place(demand("web"), "a");
    cluster.place(demand("web"), "a");
    expect([cluster.node("a")?.podCount, cluster.node("a")?.requested.get("cpu")]).toEqual([1, 1000]);
  });

  it("keeps what is placed on a node that comes later, or goes and comes again", () => {
    const cluster = new ClusterState();
    cluster.place(demand("web"), "a");
    expect(cluster.nodes).toEqual([]);
    cluster.setNode(nodeFixture("a"));
    expect(cluster.node("a")?.podCount).toBe(1);
    cluster.removeNode("a");
    expect([cluster.nodes, cluster.node("a")]).toEqual([[], undefined]);
    cluster.setNode(nodeFixture("a"));
    expect(cluster.node("a")?.podCount).toBe(1);
  });

  it("says where a removed pod was", () => {
    const cluster = new ClusterState();
    cluster.place(demand("web"), "a");
    expect([cluster.remove("uid-web"), cluster.remove("uid-web")]).toEqual(["a", undefined]);
  });

  it.each([
    { sentence: "a heartbeat", next: nodeFixture("a"), changed: false },
    { sentence: "other labels", next: nodeFixture("a", { labels: { x: "y" } }), changed: true },
    { sentence: "other resources", next: nodeFixture("a", { allocatable: { cpu: "8" } }), changed: true },
    { sentence: "a cordon", next: nodeFixture("a", { spec: { unschedulable: true } }), changed: true },
    { sentence: "readiness", next: nodeFixture("a", { ready: "False" }), changed: true },
  ])("tells whether $sentence matters", ({ next, changed }) => {
    const cluster = new ClusterState();
    cluster.setNode(nodeFixture("a"));
    expect(cluster.setNode({ ...next, metadata: { ...next.metadata, resourceVersion: "9" } })).toBe(changed);
  });

  it("is the same as counted anew after any changes", () => {
    const change = fc.record({ pod: fc.integer({ min: 0, max: 5 }), node: fc.constantFrom("a", "b", undefined) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const cluster = new ClusterState();
        for (const name of ["a", "b"]) cluster.setNode(nodeFixture(name));
        const model = new Map<number, string>();
        for (const { pod, node } of changes) {
          if (node === undefined) {
            cluster.remove(`uid-p${pod}`);
            model.delete(pod);
          } else {
            cluster.place(demand(`p${pod}`, `${pod}`), node);
            model.set(pod, node);
          }
        }
        for (const name of ["a", "b"]) {
          const pods = [...model].filter(([, node]) => node === name).map(([pod]) => pod);
          const { podCount, requested } = cluster.node(name) ?? { podCount: -1, requested: new Map<string, number>() };
          expect([podCount, requested.get("cpu") ?? 0]).toEqual([pods.length, 1000 * pods.reduce((a, b) => a + b, 0)]);
        }
      }),
    );
  });
});
