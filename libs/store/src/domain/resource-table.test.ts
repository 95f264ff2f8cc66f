import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ObjectCache } from "../object-cache.ts";
import type { StoredObject } from "../object-store.ts";
import { ResourceTable } from "./resource-table.ts";
import { storedObjectOf } from "./stored-value.ts";

const step = fc.record({
  remove: fc.boolean(),
  namespace: fc.constantFrom("", "a", "b", "a-b"),
  name: fc.stringMatching(/^[a-c]{1,2}$/),
});

describe("ResourceTable", () => {
  it("gets and lists like a map that is sorted by namespace and name", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new ResourceTable(10, 0);
        const model = new Map<string, number>();
        for (const [index, { remove, namespace, name }] of steps.entries()) {
          const id = `${namespace}\n${name}`;
          if (remove) table.remove(namespace, name);
          else table.put(storedObjectOf({ resource: "pods", namespace, name }, index + 1, { metadata: {} }));
          if (remove) model.delete(id);
          else model.set(id, index + 1);
          expect(table.get(namespace, name)?.revision).toBe(model.get(id));
        }
        const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(table.list(undefined).map((o) => o.revision)).toEqual(sorted.map(([, revision]) => revision));
        const inA = sorted.filter(([id]) => id.startsWith("a\n")).map(([, revision]) => revision);
        expect(table.list("a").map((o) => o.revision)).toEqual(inA);
      }),
    );
  });
});

describe("the past", () => {
  it("is listed as it was, as far as the window reaches", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const cache = new ObjectCache(10);
        const lists = new Map<number, string[]>([[0, []]]);
        for (const [index, { remove, namespace, name }] of steps.entries()) {
          const [key, revision] = [{ resource: "pods", namespace, name }, index + 1];
          if (remove) cache.apply({ kind: "removed", key, revision });
          else cache.apply({ kind: "put", object: storedObjectOf(key, revision, { metadata: {} }) });
          lists.set(revision, printed(cache.list("pods").items));
        }
        for (const [revision, expected] of lists) {
          const listed = attempt(() => printed(cache.listAt(revision, "pods").items));
          if (listed !== "expired") expect(listed).toEqual(expected);
          // The last ten events are always there.
          else expect(revision).toBeLessThan(steps.length - 10);
        }
      }),
    );
  });

  it("that is still to come cannot be listed", () => {
    expect(() => new ObjectCache(10).listAt(5, "pods")).toThrow(expect.objectContaining({ reason: "Expired" }));
  });
});

const printed = (objects: readonly StoredObject[]) =>
  objects.map(({ key, revision }) => `${key.namespace}/${key.name}@${revision}`);

function attempt<T>(work: () => T): T | "expired" {
  try {
    return work();
  } catch {
    return "expired";
  }
}
