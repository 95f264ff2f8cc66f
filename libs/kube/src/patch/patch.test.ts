import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { podSchema } from "../kinds/pod/schema.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

describe("JSON patch", () => {
  const object = { metadata: { labels: { a: "1" } }, list: [1, 2] };
  it.each([
    [
      "adds",
      [{ op: "add", path: "/metadata/labels/b", value: "2" }],
      { metadata: { labels: { a: "1", b: "2" } }, list: [1, 2] },
    ],
    ["appends to a list", [{ op: "add", path: "/list/-", value: 3 }], { ...object, list: [1, 2, 3] }],
    ["removes", [{ op: "remove", path: "/list" }], { metadata: { labels: { a: "1" } } }],
    ["a test that holds changes nothing", [{ op: "test", path: "/list/0", value: 1 }], object],
  ])("%s", (_sentence, patch, expected) => {
    expect(applyJsonPatch(object, patch)).toEqual(expected);
  });

  it.each([
    ["what is no list", { op: "add" }, 400],
    ["an unknown operation", [{ op: "increment", path: "/x" }], 400],
    ["a path that is no pointer", [{ op: "remove", path: "x" }], 400],
    ["a test that fails", [{ op: "test", path: "/list/0", value: 9 }], 422],
    ["removing what is not there", [{ op: "remove", path: "/nothing/here" }], 422],
  ])("refuses %s", (_sentence, patch, code) => {
    expect(() => applyJsonPatch(object, patch)).toThrow(
      expect.objectContaining({ status: expect.objectContaining({ code }) }),
    );
  });

  it("copies that double what they copy are stopped", () => {
    const patch = Array.from({ length: 60 }, (_, index) => ({ op: "copy", from: "/a", path: `/a/k${index}` }));
    expect(() => applyJsonPatch({ a: { s: "x" } }, patch)).toThrow(
      expect.objectContaining({ status: expect.objectContaining({ code: 413 }) }),
    );
  });

  it("leaves the object as it was, also where a later operation fails", () => {
    const before = structuredClone(object);
    const patch = [
      { op: "add", path: "/new", value: 1 },
      { op: "test", path: "/list/0", value: 9 },
    ];
    expect(() => applyJsonPatch(object, patch)).toThrow();
    expect(object).toEqual(before);
  });
});

describe("merge patch", () => {
  it("the examples of RFC 7386, appendix A, that have an object as the patch", () => {
    const examples: [unknown, object, unknown][] = [
      [{ a: "b" }, { a: "c" }, { a: "c" }],
      [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
      [{ a: "b" }, { a: null }, {}],
      [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
      [{ a: ["b"] }, { a: "c" }, { a: "c" }],
      [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
      [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
      [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [[1, 2], { a: "b", c: null }, { a: "b" }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ];
    for (const [object, patch, expected] of examples) expect(applyMergePatch(object, patch)).toEqual(expected);
  });

  it("refuses what is no object", () => {
    expect(() => applyMergePatch({}, [])).toThrow(/must be a JSON object/);
  });
});

describe("strategic merge patch", () => {
  const pod = { schema: podSchema };
  const container = (name: string, more: object = {}) => ({ name, image: "i", ...more });
  const spec = (...containers: object[]) => ({ spec: { containers } });
  const a = container("a");
  const b = container("b");

  it.each([
    [
      "a label is changed, others stay",
      { metadata: { labels: { x: "1", y: "1" } } },
      { metadata: { labels: { x: "2" } } },
      { metadata: { labels: { x: "2", y: "1" } } },
    ],
    [
      "null removes a field",
      { metadata: { labels: { x: "1" } } },
      { metadata: { labels: { x: null } } },
      { metadata: { labels: {} } },
    ],
    ["containers merge by name", spec(a, b), spec({ name: "b", image: "j" }), spec(a, { name: "b", image: "j" })],
    ["an unknown name is appended", spec(a), spec(b), spec(a, b)],
    ["$patch: delete removes an item", spec(a, b), spec({ name: "a", $patch: "delete" }), spec(b)],
    [
      "$patch: replace replaces the list",
      spec(a, b),
      spec({ $patch: "replace" }, container("c")),
      spec(container("c")),
    ],
    [
      "a list without a key is replaced",
      spec(container("a", { args: ["1", "2"] })),
      spec({ name: "a", args: ["3"] }),
      spec(container("a", { args: ["3"] })),
    ],
    [
      "$setElementOrder orders the items",
      spec(a, b),
      { spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] } },
      spec(b, a),
    ],
    [
      "an item that only the server knows keeps its place",
      spec(a, container("server"), b),
      {
        spec: {
          "$setElementOrder/containers": [{ name: "a" }, { name: "b" }],
          containers: [{ name: "a", image: "j" }],
        },
      },
      spec({ name: "a", image: "j" }, container("server"), b),
    ],
    [
      "$deleteFromPrimitiveList removes values",
      { metadata: { finalizers: ["x/1", "x/2"] } },
      { metadata: { "$deleteFromPrimitiveList/finalizers": ["x/1"] } },
      { metadata: { finalizers: ["x/2"] } },
    ],
    [
      "lists of plain values with merge unite",
      { metadata: { finalizers: ["x/1"] } },
      { metadata: { finalizers: ["x/1", "x/2"] } },
      { metadata: { finalizers: ["x/1", "x/2"] } },
    ],
    [
      "$retainKeys drops what it does not name",
      { spec: { volumes: [{ name: "v", emptyDir: {} }] } },
      { spec: { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] } },
      { spec: { volumes: [{ name: "v", hostPath: { path: "/x" } }] } },
    ],
    [
      "$patch: replace replaces a map",
      { metadata: { labels: { x: "1" } } },
      { metadata: { labels: { $patch: "replace", y: "2" } } },
      { metadata: { labels: { y: "2" } } },
    ],
  ])("%s", (_sentence, object, patch, expected) => {
    const before = structuredClone(object);
    expect(applyStrategicMergePatch(pod, object, patch)).toEqual(expected);
    expect(object).toEqual(before);
  });

  it.each([
    ["an item without its key", spec({ image: "x" }), /does not contain declared merge key: name/],
    ["an unknown directive", { metadata: { $patch: "explode" } }, /unknown patch type: explode/],
    ["an order that is no list", { spec: { "$setElementOrder/containers": 1 } }, /must be a list/],
  ])("refuses %s", (_sentence, patch, message) => {
    expect(() => applyStrategicMergePatch(pod, spec(a), patch)).toThrow(message);
  });

  it("any JSON either applies or is refused with a Status, and an empty patch changes nothing", () => {
    const json = fc.jsonValue({ maxDepth: 5 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.dictionary(fc.string(), json), (object, patch) => {
        expect(applyStrategicMergePatch(pod, object, {})).toEqual(object);
        try {
          applyStrategicMergePatch(pod, object, patch);
        } catch (error) {
          expect(error).toHaveProperty("status.code");
        }
      }),
    );
  });
});
