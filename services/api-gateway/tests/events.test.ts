import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayFixture, gatewayFixture } from "./gateway-fixture.ts";

let gateway: GatewayFixture;
beforeEach(async () => {
  gateway = await gatewayFixture();
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

const core = "/api/v1/namespaces/default/events";
const newStyle = "/apis/events.k8s.io/v1/namespaces/default/events";
const pod = { kind: "Pod", namespace: "default", name: "web" };

const coreEvent = { apiVersion: "v1", kind: "Event", metadata: { name: "old" }, involvedObject: pod, message: "m" };
const newStyleEvent = {
  apiVersion: "events.k8s.io/v1",
  kind: "Event",
  metadata: { name: "new" },
  eventTime: "2026-01-01T12:00:00.000000Z",
  reportingController: "example.com/c",
  reportingInstance: "c-1",
  action: "Pulling",
  reason: "Pulled",
  regarding: pod,
  note: "done",
  type: "Normal",
};

describe("the two faces of events are one set of objects", () => {
  it("what one creates, the other gets, as its own kind and at the same version", async () => {
    const made = await gateway.post(newStyle, newStyleEvent);
    expect([made.code, made.body.apiVersion, made.body.note]).toEqual([201, "events.k8s.io/v1", "done"]);
    const shown = await gateway.get(`${core}/new`);
    expect(shown.body).toMatchObject({
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: "new", uid: made.body.metadata.uid, resourceVersion: made.body.metadata.resourceVersion },
      involvedObject: pod,
      message: "done",
      reportingComponent: "example.com/c",
    });
    await gateway.post(core, coreEvent);
    expect((await gateway.get(`${newStyle}/old`)).body).toMatchObject({ regarding: pod, note: "m" });
  });

  it("both list and select them by their own names", async () => {
    await gateway.post(core, coreEvent);
    await gateway.post(newStyle, newStyleEvent);
    const names = async (path: string) =>
      (await gateway.get(path)).body.items.map((item: { metadata: { name: string } }) => item.metadata.name).sort();
    expect(await names(core)).toEqual(["new", "old"]);
    expect(await names(newStyle)).toEqual(["new", "old"]);
    expect(await names(`${core}?fieldSelector=involvedObject.name=web,reason=Pulled`)).toEqual(["new"]);
    expect(await names(`${newStyle}?fieldSelector=regarding.name=web,reason=Pulled`)).toEqual(["new"]);
    const list = (await gateway.get(newStyle)).body;
    expect([list.kind, list.apiVersion, list.items[0].apiVersion]).toEqual([
      "EventList",
      "events.k8s.io/v1",
      "events.k8s.io/v1",
    ]);
    expect((await gateway.get(`${newStyle}?fieldSelector=involvedObject.name=web`)).code).toBe(400);
  });

  it("a watch shows its own kind", async () => {
    await gateway.post(core, coreEvent);
    const { text } = await gateway.get(`${newStyle}?watch=1&timeoutSeconds=1`);
    expect(JSON.parse(text.split("\n")[0] ?? "")).toMatchObject({
      type: "ADDED",
      object: { apiVersion: "events.k8s.io/v1", kind: "Event", regarding: pod, note: "m" },
    });
  });

  it("an update through one is seen through the other", async () => {
    await gateway.post(newStyle, newStyleEvent);
    const series = { count: 2, lastObservedTime: "2026-01-01T12:01:00.000000Z" };
    const patched = await gateway.patch(`${newStyle}/new`, "merge", { series });
    expect([patched.code, patched.body.series]).toEqual([200, series]);
    expect((await gateway.get(`${core}/new`)).body).toMatchObject({ message: "done", series });
    const refused = await gateway.patch(`${newStyle}/new`, "merge", { note: "other" });
    expect([refused.code, refused.body.message]).toEqual([
      422,
      'Event.events.k8s.io "new" is invalid: message: Invalid value: "other": field is immutable',
    ]);
    expect((await gateway.patch(`${core}/new`, "merge", { message: "other" })).code).toBe(200);
    expect((await gateway.get(`${newStyle}/new`)).body.note).toBe("other");
  });

  it("a new event must be whole; a dry run answers in its own kind", async () => {
    const { eventTime: _, ...timeless } = newStyleEvent;
    expect((await gateway.post(newStyle, timeless)).body.message).toBe(
      'Event.events.k8s.io "new" is invalid: eventTime: Required value',
    );
    const dry = await gateway.post(`${newStyle}?dryRun=All`, newStyleEvent);
    expect([dry.code, dry.body.note]).toEqual([201, "done"]);
    expect((await gateway.get(`${core}/new`)).code).toBe(404);
  });

  it("a deletion through one is one through the other", async () => {
    await gateway.post(newStyle, newStyleEvent);
    await gateway.post(core, coreEvent);
    expect((await gateway.delete(`${newStyle}/old`)).code).toBe(200);
    expect((await gateway.get(`${core}/old`)).code).toBe(404);
    const all = await gateway.delete(newStyle);
    expect(all.body.items).toMatchObject([{ apiVersion: "events.k8s.io/v1", note: "done" }]);
    expect((await gateway.get(core)).body.items).toEqual([]);
  });
});
