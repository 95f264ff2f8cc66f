import fc from "fast-check";
import { describe, expect, it } from "vitest";
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
