import { annotations } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import type { EventRecord } from "../event-input.ts";
import { eventName, eventNamespace, mergeEvent } from "./merge-event.ts";

const at = Date.UTC(2026, 0, 1, 12, 0, 0, 250);
const record: EventRecord = {
  object: {
    apiVersion: "v1",
    kind: "Pod",
    namespace: "default",
    name: "web",
    uid: "u1",
    fieldPath: "spec.containers{main}",
  },
  type: "Normal",
  reason: "Pulled",
  message: "Container image already present",
  component: "kubelet",
  at,
};
const fresh = { uid: "e1", now: at + 1_000, host: "node-1" };
const first = mergeEvent(undefined, record, fresh);

describe("mergeEvent", () => {
  it("makes an event that kubectl describe can show", () => {
    expect(first).toEqual({
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: eventName(record),
        namespace: "default",
        uid: "e1",
        creationTimestamp: "2026-01-01T12:00:01Z",
        annotations: { [annotations.countedUntil]: String(at) },
      },
      involvedObject: record.object,
      reason: "Pulled",
      message: "Container image already present",
      source: { component: "kubelet", host: "node-1" },
      firstTimestamp: "2026-01-01T12:00:00Z",
      lastTimestamp: "2026-01-01T12:00:00Z",
      count: 1,
      type: "Normal",
      reportingComponent: "kubelet",
      reportingInstance: "node-1",
    });
  });

  it("counts an equal one and keeps when it was first seen", () => {
    const second = mergeEvent(first, { ...record, at: at + 60_000 }, { ...fresh, uid: "other" });
    expect(second).toEqual({
      ...first,
      metadata: { ...first?.metadata, annotations: { [annotations.countedUntil]: String(at + 60_000) } },
      count: 2,
      lastTimestamp: "2026-01-01T12:01:00Z",
    });
  });

  it("changes nothing for a record that was delivered before", () => {
    expect(first && mergeEvent(first, record, fresh)).toBeUndefined();
    expect(first && mergeEvent(first, { ...record, at: at - 1 }, fresh)).toBeUndefined();
  });

  it("counts on an event that was not made here", () => {
    const reporter = { reportingComponent: "", reportingInstance: "" };
    const foreign = { apiVersion: "v1", kind: "Event", metadata: { name: "x" }, involvedObject: {}, ...reporter };
    expect(mergeEvent(foreign, record, fresh)).toMatchObject({ count: 2, lastTimestamp: "2026-01-01T12:00:00Z" });
  });

  it("puts an event about a cluster-scoped object into default, without a namespace in its reference", () => {
    const aboutNode = { ...record, object: { apiVersion: "v1", kind: "Node", name: "node-1", namespace: "" } };
    expect(eventNamespace(aboutNode)).toBe("default");
    expect(mergeEvent(undefined, aboutNode, { ...fresh, host: "" })).toMatchObject({
      metadata: { namespace: "default" },
      involvedObject: { apiVersion: "v1", kind: "Node", name: "node-1" },
      source: { component: "kubelet" },
    });
  });

  it("keeps a message that is too long to a length that Kubernetes allows", () => {
    expect(mergeEvent(undefined, { ...record, message: "x".repeat(5_000) }, fresh)?.message).toHaveLength(1_024);
  });
});

describe("eventName", () => {
  const sameName: Record<string, EventRecord> = { "another time": { ...record, at: at + 1 } };
  const otherNames: Record<string, EventRecord> = {
    "another message": { ...record, message: "Pulling" },
    "another reason": { ...record, reason: "Pulling" },
    "another type": { ...record, type: "Warning" },
    "another component": { ...record, component: "default-scheduler" },
    "another incarnation of the object": { ...record, object: { ...record.object, uid: "u2" } },
    "another container": { ...record, object: { ...record.object, fieldPath: "spec.containers{other}" } },
  };
  for (const [sentence, other] of Object.entries(sameName)) {
    it(`is the same for ${sentence}`, () => expect(eventName(other)).toBe(eventName(record)));
  }
  for (const [sentence, other] of Object.entries(otherNames)) {
    it(`is another for ${sentence}`, () => expect(eventName(other)).not.toBe(eventName(record)));
  }
  it("is <name>.<hex>, never longer than a name may be", () => {
    expect(eventName(record)).toMatch(/^web\.[0-9a-f]{16}$/);
    const long = { ...record, object: { ...record.object, name: "a".repeat(253) } };
    expect(eventName(long)).toHaveLength(253);
  });
});
