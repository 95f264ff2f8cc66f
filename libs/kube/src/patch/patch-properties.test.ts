import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cloneJson, defineOwn, equalJson, isJsonObject } from "../json.ts";
import { pods } from "../kinds/pod/resource.ts";
import { arbitraryRowName, arbitraryValue, frozen, rowNamed } from "../schema/arbitrary-fixture.ts";
import { StatusError } from "../status/status-error.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

/** What a patch makes of an object, or the code with which it is refused; anything else fails the test. */
function outcomeOf(patch: () => unknown): { readonly value: unknown } | number {
  try {
    return { value: patch() };
  } catch (error) {
    if (error instanceof StatusError && String(error.status.code).startsWith("4")) return error.status.code ?? 0;
    throw error;
  }
}

const refused = (patch: () => unknown) => expect(outcomeOf(patch));
const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor", "toString", "length", "0", "a/b", "~");
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, 0, 1, "", "a"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3 }),
  ),
})).value;
const object = fc.dictionary(key, json, { maxKeys: 4 });

function expectNothingPolluted(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Reflect.ownKeys(Object).length).toBe(ownKeysOfObject);
}
const ownKeysOfObject = Reflect.ownKeys(Object).length;

describe("JSON patch", () => {
  const step = fc.oneof(key, fc.constantFrom("-", "1", "01", "-1", "9"));
  const pointer = fc
    .array(step, { maxLength: 3 })
    .map((steps) => steps.map((one) => `/${one.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
  const operation = fc.oneof(
    fc.record({ op: fc.constantFrom("add", "replace", "test"), path: pointer, value: json }, { requiredKeys: ["op"] }),
    fc.record({ op: fc.constant("remove"), path: pointer }),
    fc.record({ op: fc.constantFrom("move", "copy"), path: pointer, from: pointer }),
  );

  it("any operations have an outcome, and leave the object and themselves as they were", () => {
    fc.assert(
      fc.property(json, fc.array(operation, { maxLength: 5 }), (before, operations) => {
        const outcome = outcomeOf(() => applyJsonPatch(frozen(before), frozen(operations)));
        if (typeof outcome === "object") expect(() => JSON.stringify(outcome.value)).not.toThrow();
        expectNothingPolluted();
      }),
      { numRuns: 2_000 },
    );
  });

  it("what is added is there, and what was there is there again when it is removed", () => {
    fc.assert(
      fc.property(object, key, json, (before, name, value) => {
        const path = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        const patched = applyJsonPatch(before, [
          { op: "add", path, value },
          { op: "test", path, value },
        ]);
        const expected = cloneJson(before);
        defineOwn(expected, name, value);
        expect(equalJson(patched, expected)).toBe(true);
        const without = applyJsonPatch(patched, [{ op: "remove", path }]) as object;
        expect(Object.keys(without).sort()).toEqual(
          Object.keys(before)
            .filter((one) => one !== name)
            .sort(),
        );
      }),
    );
  });

  it.each<[string, unknown, object[], number]>([
    ["a step into a text", { a: "text" }, [{ op: "add", path: "/a/b", value: 1 }], 422],
    ["a step into a number", { a: 1 }, [{ op: "replace", path: "/a/b", value: 1 }], 422],
    ["what every object inherits", {}, [{ op: "copy", from: "/toString", path: "/a" }], 422],
    ["a list's length", { a: [1] }, [{ op: "copy", from: "/a/length", path: "/b" }], 422],
    ["a list's length to be set", { a: [1] }, [{ op: "replace", path: "/a/length", value: 0 }], 422],
    ["a move into itself", { a: {} }, [{ op: "move", from: "/a", path: "/a/b" }], 422],
    ["the removal of everything", {}, [{ op: "remove", path: "" }], 422],
    ["an addition of nothing", {}, [{ op: "add", path: "/a" }], 400],
    ["copies that dig deeper and deeper", { a: {} }, digging("copy"), 400],
    ["moves that dig deeper and deeper", { a: {} }, digging("move"), 400],
  ])("refuses %s", (_sentence, before, patch, code) => {
    refused(() => applyJsonPatch(before, patch)).toBe(code);
  });

  it("labels of any name can be patched", () => {
    const patch = [{ op: "add", path: "/labels/constructor", value: "x" }];
    expect(applyJsonPatch({ labels: {} }, patch)).toEqual({ labels: { constructor: "x" } });
  });

  it("a test of two long lists that have nothing in common costs little", () => {
    const list = (offset: number) => Array.from({ length: 50_000 }, (_, at) => at + offset);
    const started = performance.now();
    refused(() => applyJsonPatch({ a: list(0) }, [{ op: "test", path: "/a", value: list(1) }])).toBe(422);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

/** Each operation doubles how deep the document is. */
function digging(op: "copy" | "move"): object[] {
  const nest = (depth: number) => "/a".repeat(depth);
  if (op === "copy") return Array.from({ length: 12 }, (_, at) => ({ op, from: "/a", path: nest(2 ** at + 1) }));
  return Array.from({ length: 300 }, (_, at) => [
    { op: "add", path: `/b${at}`, value: { x: { x: {} } } },
    { op, from: `/b${at}`, path: at === 0 ? "/a/x" : `/a${"/x".repeat(at * 3 + 1)}` },
  ]).flat();
}

it("what every object inherits is no part of what is compared", () => {
  expect(equalJson(JSON.parse('{"__proto__":{}}'), { a: 1 })).toBe(false);
});

describe("merge patch", () => {
  /** The patch that leads from one object to another; undefined where RFC 7386 has none, because nulls are to be set. */
  function difference(from: Record<string, unknown>, to: Record<string, unknown>): object {
    const patch = {};
    for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) defineOwn(patch, name, null);
    for (const [name, value] of Object.entries(to)) {
      const before = Object.hasOwn(from, name) ? from[name] : undefined;
      if (equalJson(before, value)) continue;
      defineOwn(patch, name, isJsonObject(before) && isJsonObject(value) ? difference(before, value) : value);
    }
    return patch;
  }
  const withoutNulls = object.map((value) => JSON.parse(JSON.stringify(value).replaceAll("null", "7")));

  it("of the difference of two objects makes one of the other", () => {
    fc.assert(
      fc.property(withoutNulls, withoutNulls, (from, to) => {
        const patched = applyMergePatch(frozen(from), frozen(difference(from, to)));
        expect(JSON.stringify(sorted(patched))).toBe(JSON.stringify(sorted(to)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("twice is the same as once, and nothing that was given changes", () => {
    fc.assert(
      fc.property(json, object, (before, patch) => {
        const once = applyMergePatch(frozen(before), frozen(patch));
        expect(applyMergePatch(frozen(once), patch)).toEqual(once);
        expectNothingPolluted();
      }),
    );
  });
});

describe("strategic merge patch", () => {
  const patchOfKind = arbitraryRowName.chain((kind) => {
    const { schema } = rowNamed(kind);
    const [before, patch] = [arbitraryValue(schema, { mergeable: true }), arbitraryValue(schema, { asPatch: true })];
    return fc.record({ kind: fc.constant(kind), before, patch });
  });

  it("of any kind has an outcome, twice the same as once, and nothing that was given changes", () => {
    fc.assert(
      fc.property(patchOfKind, ({ kind, before, patch }) => {
        fc.pre(!contradictsItself(patch));
        const row = rowNamed(kind);
        const once = outcomeOf(() => applyStrategicMergePatch(row, frozen(before), frozen(patch)));
        if (typeof once === "number") return;
        const twice = outcomeOf(() => applyStrategicMergePatch(row, frozen(once.value), patch));
        expect(twice).toEqual(once);
        expectNothingPolluted();
      }),
      { numRuns: 3_000 },
    );
  });

  it("that names what is there already changes nothing", () => {
    fc.assert(
      fc.property(patchOfKind, ({ kind, before }) => {
        expect(applyStrategicMergePatch(rowNamed(kind), before, before)).toEqual(before);
      }),
      { numRuns: 1_000 },
    );
  });

  it("of thousands of items of a list costs little", () => {
    const spec = (from: number) => {
      const env = Array.from({ length: 20_000 }, (_, at) => ({ name: `v${at + from}`, value: "x" }));
      return { spec: { containers: [{ name: "c", env, "$setElementOrder/env": env.map(({ name }) => ({ name })) }] } };
    };
    const before = { spec: { containers: [{ name: "c", env: spec(0).spec.containers[0]?.env }] } };
    const started = performance.now();
    applyStrategicMergePatch(pods, before, spec(10_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

const deleteFrom = "$deleteFromPrimitiveList/";

/** Takes an element away and adds it: it goes to the end of its list, each time. */
function contradictsItself(patch: unknown): boolean {
  if (Array.isArray(patch)) return removesWhatItAdds(patch.filter(isJsonObject)) || patch.some(contradictsItself);
  if (!isJsonObject(patch)) return false;
  return Object.entries(patch).some(([key, value]) => {
    const added = key.startsWith(deleteFrom) ? patch[key.slice(deleteFrom.length)] : undefined;
    const both = Array.isArray(added) && Array.isArray(value) && value.some((each) => added.includes(each));
    return both || contradictsItself(value);
  });
}

/** An item that goes, and another one that may be the same, since a field of both is. */
function removesWhatItAdds(items: readonly Readonly<Record<string, unknown>>[]): boolean {
  const share = (a: object, b: object) =>
    Object.entries(a).some(([key, value]) => Object.entries(b).some(([other, its]) => key === other && value === its));
  return items.some((gone) => "$patch" in gone && items.some((other) => other !== gone && share(gone, other)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const result = {};
  for (const name of Object.keys(value).sort()) defineOwn(result, name, sorted(value[name]));
  return result;
}
