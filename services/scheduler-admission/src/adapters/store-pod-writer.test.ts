import { FakeClock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { createMemoryStore, type ObjectStore } from "@podbus/store";
import { beforeEach, describe, expect, it } from "vitest";
import { podFixture } from "../domain/object-fixtures.ts";
import { StorePodWriter } from "./store-pod-writer.ts";

const key = { resource: "pods", namespace: "default", name: "web" };
const at = "2026-01-01T00:00:00Z";

let store: ObjectStore;
let writer: StorePodWriter;
beforeEach(() => {
  const clock = new FakeClock();
  store = createMemoryStore({ clock });
  writer = new StorePodWriter(store, clock);
});

const stored = () => store.cache.get<Pod>(key);

/** Someone else writes just before the writer's next update. */
function overtake(change: () => Promise<unknown>): void {
  const { update } = store;
  store.update = async (...args) => {
    store.update = update;
    await change();
    return update.apply(store, args) as never;
  };
}

const put = (pod: Pod) => store.update(key, pod, stored()?.revision ?? 0);

describe("bind", () => {
  it("sets the node and the condition", async () => {
    await store.create(key, podFixture());
    expect(await writer.bind(podFixture(), "a")).toEqual({ kind: "bound" });
    expect(stored()?.value.spec.nodeName).toBe("a");
    expect(stored()?.value.status?.conditions).toEqual([
      { type: "PodScheduled", status: "True", lastTransitionTime: at },
    ]);
  });

  it("keeps what others wrote since the decision", async () => {
    await store.create(key, { ...podFixture(), status: { phase: "Pending" } });
    expect(await writer.bind(podFixture(), "a")).toEqual({ kind: "bound" });
    expect(stored()?.value.status?.phase).toBe("Pending");
  });

  it.each([
    { sentence: "is gone", pod: undefined },
    { sentence: "is another incarnation", pod: podFixture("web", {}, { uid: "other" }) },
    { sentence: "is bound already", pod: podFixture("web", { nodeName: "b" }) },
    { sentence: "is being deleted", pod: podFixture("web", {}, { deletionTimestamp: at }) },
  ])("leaves a pod alone that $sentence", async ({ pod }) => {
    if (pod) await store.create(key, pod);
    const before = stored();
    expect(await writer.bind(podFixture(), "a")).toEqual({ kind: "settled" });
    expect(stored()).toBe(before);
  });

  it("does not bind a pod whose spec is not the one that was decided on", async () => {
    await store.create(key, podFixture("web", { nodeSelector: { zone: "x" } }));
    expect(await writer.bind(podFixture(), "a")).toMatchObject({
      kind: "changed",
      newest: { spec: { nodeSelector: { zone: "x" } } },
    });
    expect(stored()?.value.spec.nodeName).toBeUndefined();
  });

  it("gives the newest pod when another write came first", async () => {
    await store.create(key, podFixture());
    overtake(() => put(podFixture("web", {}, { labels: { a: "b" } })));
    expect(await writer.bind(podFixture(), "a")).toMatchObject({
      kind: "changed",
      newest: { metadata: { labels: { a: "b" } } },
    });
  });

  it("settles when the other write was another's bind, or the deletion", async () => {
    await store.create(key, podFixture());
    overtake(() => put(podFixture("web", { nodeName: "b" })));
    expect(await writer.bind(podFixture(), "a")).toEqual({ kind: "settled" });
    expect(stored()?.value.spec.nodeName).toBe("b");
  });

  it("fails when the store does", async () => {
    await store.create(key, podFixture());
    store.update = () => Promise.reject(new PodbusError({ code: "UNAVAILABLE", message: "no server" }));
    await expect(writer.bind(podFixture(), "a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("setUnscheduled", () => {
  const set = () => writer.setUnscheduled(podFixture(), "Unschedulable", "full");
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message: "full",
    lastTransitionTime: at,
  };

  it("writes the condition once", async () => {
    await store.create(key, podFixture());
    await set();
    const { revision } = stored() ?? {};
    await set();
    expect(stored()?.value.status?.conditions).toEqual([condition]);
    expect(stored()?.revision).toBe(revision);
  });

  it("writes it again over what came first", async () => {
    await store.create(key, podFixture());
    overtake(() => put(podFixture("web", {}, { labels: { a: "b" } })));
    await set();
    expect(stored()?.value).toMatchObject({ metadata: { labels: { a: "b" } }, status: { conditions: [condition] } });
  });

  it("says nothing about a pod that was bound meanwhile", async () => {
    await store.create(key, podFixture());
    overtake(() => put(podFixture("web", { nodeName: "b" })));
    await set();
    expect(stored()?.value.status).toBeUndefined();
  });
});
