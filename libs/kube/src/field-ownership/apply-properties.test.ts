import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeObject } from "../decode/decode-object.ts";
import { equalJson } from "../json.ts";
import { arbitraryRowName, arbitraryValue, frozen, rowNamed } from "../schema/arbitrary-fixture.ts";
import type { KubeObject } from "../schema/meta.ts";
import { applyFields, type Manager, trackUpdate } from "./managers.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");
const manager = (name: string, operation: Manager["operation"]): Manager => ({ name, operation, subresource: "" });

/** Objects of one kind, each as some client wants it. */
const objectsOfKind = arbitraryRowName.chain((kind) => {
  const row = rowNamed(kind);
  const object = arbitraryValue(row.schema).map((value) => {
    const { apiVersion: _, kind: __, metadata, ...given } = value as Record<string, unknown>;
    const { managedFields: ___, ...meta } = (metadata ?? {}) as Record<string, unknown>;
    return decodeObject(row, { ...given, metadata: { ...meta, name: "x" } }, "Ignore").object;
  });
  return fc.record({ kind: fc.constant(kind), live: object, applied: object });
});

function apply(kind: string, live: KubeObject, applied: KubeObject): KubeObject {
  const by = { manager: manager("me", "Apply"), nowMs, force: true };
  const outcome = applyFields(rowNamed(kind), { live: frozen(live), applied: frozen(applied) }, by);
  if (outcome.kind === "conflict") throw new Error("a conflict in spite of force");
  const { object, managedFields } = outcome;
  return { ...object, metadata: { ...object.metadata, ...(managedFields ? { managedFields } : {}) } };
}

describe("objects of any kind", () => {
  it("applied twice are the same as applied once, and so is who owns what; nothing that was given changes", () => {
    fc.assert(
      fc.property(objectsOfKind, ({ kind, live, applied }) => {
        const written = trackUpdate(
          rowNamed(kind),
          { next: frozen(live) },
          { manager: manager("you", "Update"), nowMs },
        );
        const once = apply(kind, written, applied);
        expect(apply(kind, once, applied)).toEqual(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it("applied to nothing are what was applied", () => {
    fc.assert(
      fc.property(objectsOfKind, ({ kind, applied }) => {
        const nothing = { apiVersion: applied.apiVersion, kind: applied.kind, metadata: { name: "x" } } as KubeObject;
        const { managedFields: _, ...metadata } = apply(kind, nothing, applied).metadata;
        expect(equalJson({ ...apply(kind, nothing, applied), metadata }, applied)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("that nobody else wants go when they are no longer applied", () => {
    fc.assert(
      fc.property(objectsOfKind, ({ kind, applied }) => {
        const nothing = { apiVersion: applied.apiVersion, kind: applied.kind, metadata: { name: "x" } } as KubeObject;
        const gone = apply(kind, apply(kind, nothing, applied), nothing);
        expect(apply(kind, gone, applied)).toEqual(apply(kind, nothing, applied));
        expect(gone.metadata.labels).toBeUndefined();
        expect(gone.metadata.managedFields).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it("written by an update belong to who has changed them, and to nobody twice", () => {
    fc.assert(
      fc.property(objectsOfKind, ({ kind, live, applied: next }) => {
        const row = rowNamed(kind);
        const first = trackUpdate(row, { next: frozen(live) }, { manager: manager("you", "Update"), nowMs });
        const second = trackUpdate(
          row,
          { previous: frozen(first), next: frozen(next) },
          { manager: manager("me", "Update"), nowMs },
        );
        const { managedFields: _, ...metadata } = second.metadata;
        expect(equalJson({ ...second, metadata }, next)).toBe(true);
        const again = trackUpdate(row, { previous: frozen(second), next }, { manager: manager("me", "Update"), nowMs });
        expect(again.metadata.managedFields).toEqual(second.metadata.managedFields);
      }),
      { numRuns: 1_000 },
    );
  });
});
