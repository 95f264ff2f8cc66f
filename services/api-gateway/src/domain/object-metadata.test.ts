import type { KubeObject, ObjectMeta } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { bear, completesDeletion, keepSystemMetadata, nameSuffix } from "./object-metadata.ts";

const object = (metadata: Partial<ObjectMeta>): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "x", ...metadata },
});
const birth = { namespace: "a", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z", nameSuffix: "bcdfg" };
const born = { name: "x", namespace: "a", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" };

describe("bear", () => {
  it("decides what is the system's, and keeps the rest", () => {
    const given = object({
      labels: { l: "1" },
      finalizers: ["f"],
      uid: "mine",
      resourceVersion: "9",
      deletionTimestamp: "2020-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 1,
      selfLink: "/x",
      managedFields: [],
    });
    expect(bear(given, birth).metadata).toEqual({ ...born, labels: { l: "1" }, finalizers: ["f"] });
  });

  it("names what has no name", () => {
    expect(bear(object({ name: "", generateName: "web-" }), birth).metadata.name).toBe("web-bcdfg");
    expect(bear(object({ name: "", generateName: "w".repeat(80) }), birth).metadata.name).toHaveLength(63);
    expect(bear(object({ name: "own", generateName: "web-" }), birth).metadata.name).toBe("own");
    expect(bear(object({ name: "" }), birth).metadata.name).toBe("");
  });

  it("replaces a user's traceparent", () => {
    const given = object({ annotations: { "podbus.dev/traceparent": "forged", other: "1" } });
    expect(bear(given, { ...birth, traceparent: "00-a-b-01" }).metadata.annotations).toEqual({
      "podbus.dev/traceparent": "00-a-b-01",
      other: "1",
    });
  });

  it("makes suffixes of letters that cannot be mistaken", () => {
    expect(nameSuffix(Uint8Array.from([0, 26, 27, 255, 1]))).toBe("b9bqc");
  });
});

describe("keepSystemMetadata", () => {
  const previous = object({ ...born, resourceVersion: "5", annotations: { "podbus.dev/traceparent": "t", a: "1" } });

  it("an update changes labels, annotations and finalizers only", () => {
    const next = object({
      uid: "other",
      creationTimestamp: "1999-01-01T00:00:00Z",
      deletionTimestamp: "1999-01-01T00:00:00Z",
      labels: { l: "2" },
      finalizers: ["f"],
      managedFields: [],
    });
    expect(keepSystemMetadata(next, previous).metadata).toEqual({
      ...born,
      resourceVersion: "5",
      labels: { l: "2" },
      finalizers: ["f"],
      annotations: { "podbus.dev/traceparent": "t" },
    });
  });

  it("a deletion cannot be taken back", () => {
    const deleting = object({ ...born, deletionTimestamp: "2026-01-02T00:00:00Z", deletionGracePeriodSeconds: 0 });
    const next = keepSystemMetadata(object({}), deleting);
    expect(next.metadata).toMatchObject({ deletionTimestamp: "2026-01-02T00:00:00Z", deletionGracePeriodSeconds: 0 });
    expect(completesDeletion(next)).toBe(true);
  });

  it.each([
    ["not being deleted", {}, false],
    ["held by a finalizer", { deletionTimestamp: "t", deletionGracePeriodSeconds: 0, finalizers: ["f"] }, false],
    ["still in its grace period", { deletionTimestamp: "t", deletionGracePeriodSeconds: 30 }, false],
    ["free", { deletionTimestamp: "t", deletionGracePeriodSeconds: 0, finalizers: [] }, true],
  ] as const)("an object that is %s", (_name, metadata, expected) => {
    expect(
      completesDeletion(
        object({ ...metadata, finalizers: [...("finalizers" in metadata ? metadata.finalizers : [])] }),
      ),
    ).toBe(expected);
  });
});
