import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ObjectKey } from "../object-store.ts";
import { decodeKey, encodeKey } from "./key-encoding.ts";

const encodings: Record<string, { key: ObjectKey; encoded: string }> = {
  "a plain name stays readable": {
    key: { resource: "pods", namespace: "default", name: "web-0" },
    encoded: "pods.default.web-0",
  },
  "a dot inside a name is a slash": {
    key: { resource: "leases.coordination.k8s.io", namespace: "kube-system", name: "scheduler.v1" },
    encoded: "leases/coordination/k8s/io.kube-system.scheduler/v1",
  },
  "no namespace is an equals sign": {
    key: { resource: "nodes", namespace: "", name: "node-1" },
    encoded: "nodes.=.node-1",
  },
  "wildcards, spaces and slashes are escaped": {
    key: { resource: "x", namespace: "*", name: "> /=" },
    encoded: "x.=2A.=3E=20=2F=3D",
  },
  "text beyond ASCII is escaped by its UTF-8 bytes": {
    key: { resource: "x", namespace: "n", name: "é" },
    encoded: "x.n.=C3=A9",
  },
};

describe("encodeKey and decodeKey", () => {
  for (const [sentence, { key, encoded }] of Object.entries(encodings)) {
    it(sentence, () => {
      expect(encodeKey(key)).toBe(encoded);
      expect(decodeKey(encoded)).toEqual(key);
    });
  }

  it("stay in KV's alphabet with three tokens, and are reversible", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.stringMatching(/^[a-z./=-]*$/));
    fc.assert(
      fc.property(fc.record({ resource: text, namespace: text, name: text }), (key) => {
        const encoded = encodeKey(key);
        expect(encoded).toMatch(/^[-/=\w]+\.[-/=\w]+\.[-/=\w]+$/);
        expect(decodeKey(encoded)).toEqual(key);
      }),
    );
  });

  it("never let two keys meet", () => {
    const token = fc.stringMatching(/^[a./=A2]{0,4}$/);
    const key = fc.record({ resource: token, namespace: token, name: token });
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(encodeKey(a) === encodeKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 1000 },
    );
  });

  it("answer undefined for whatever encodeKey cannot have made", () => {
    const foreign = ["", "a", "a.b", "a.b.c.d", "a..c", "a.b.=2e", "a.b.=61", "a.b.==", "a.b.=2", "a.b.=FF", "a.b.c d"];
    for (const text of foreign) expect([text, decodeKey(text)]).toEqual([text, undefined]);
    fc.assert(
      fc.property(fc.stringMatching(/^[-/=.\w]*$/), (text) => {
        const key = decodeKey(text);
        expect(key === undefined || encodeKey(key) === text).toBe(true);
      }),
    );
  });

  it("refuse a name that is not Unicode", () => {
    const key = { resource: "pods", namespace: "", name: "\ud800" };
    expect(() => encodeKey(key)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
