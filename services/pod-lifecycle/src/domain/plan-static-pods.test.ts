import type { Pod } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { planStaticPods, type StaticPodRecord } from "./plan-static-pods.ts";

const record = (uid: string, path: string, name = "web", deleting = false): StaticPodRecord => ({
  path,
  pod: {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid, ...(deleting ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
    spec: { containers: [] },
  } satisfies Pod,
});
const plan = (known: StaticPodRecord[], pods: StaticPodRecord[], unreadable: string[] = []) => {
  const { start, end, refused } = planStaticPods(known, { pods, unreadable: new Set(unreadable) });
  return { start: start.map(({ pod }) => pod.metadata.uid), end, refused: Object.fromEntries(refused) };
};
const nothing = { start: [], end: [], refused: {} };

describe("manifests of static pods", () => {
  it("a new one starts its pod", () => {
    expect(plan([], [record("1", "/a")])).toEqual({ ...nothing, start: ["1"] });
  });

  it("one that is as before changes nothing", () => {
    expect(plan([record("1", "/a")], [record("1", "/a")])).toEqual(nothing);
  });

  it("one that is gone ends its pod, once", () => {
    expect(plan([record("1", "/a")], [])).toEqual({ ...nothing, end: ["1"] });
    expect(plan([record("1", "/a", "web", true)], [])).toEqual(nothing);
  });

  it("a changed one ends the old pod first, and starts the new one when nothing of it is left", () => {
    const next = record("2", "/a");
    expect(plan([record("1", "/a")], [next])).toEqual({ ...nothing, end: ["1"] });
    expect(plan([record("1", "/a", "web", true)], [next])).toEqual(nothing);
    expect(plan([], [next])).toEqual({ ...nothing, start: ["2"] });
  });

  it("one that cannot be read now leaves its pod alone", () => {
    expect(plan([record("1", "/a")], [], ["/a"])).toEqual(nothing);
    expect(plan([record("1", "/a")], [], ["/b"])).toEqual({ ...nothing, end: ["1"] });
  });

  it("of two with one name the one that runs holds, else the first", () => {
    const refused = { "/b": "pod default/web is defined by /a already" };
    expect(plan([], [record("2", "/b"), record("1", "/a")])).toEqual({ ...nothing, start: ["1"], refused });
    expect(plan([record("2", "/b")], [record("2", "/b"), record("1", "/a")])).toEqual({
      ...nothing,
      refused: { "/a": "pod default/web is defined by /b already" },
    });
  });

  it("different names are different pods", () => {
    expect(plan([], [record("1", "/a"), record("2", "/b", "db")])).toEqual({ ...nothing, start: ["1", "2"] });
  });
});
