import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNodeName, encodeNodeName } from "./node-token.ts";

describe("a node's name as a subject token", () => {
  it.each([
    ["a plain name stays", "node-1", "node-1"],
    ["a dot never leaks into a subject", "a.b", "a_2eb"],
    ["the escape character is escaped", "a_b", "a_5fb"],
    ["wildcards are harmless", "*>", "_2a_3e"],
    ["spaces are harmless", "a b", "a_20b"],
    ["other alphabets survive", "é", "_c3_a9"],
  ])("%s", (_sentence, name, token) => {
    expect(encodeNodeName(name)).toBe(token);
    expect(decodeNodeName(token)).toBe(name);
  });

  it("refuses an empty name", () => {
    expect(() => encodeNodeName("")).toThrow(RangeError);
  });

  it.each([
    ["empty", ""],
    ["a wildcard", "*"],
    ["two tokens", "a.b"],
    ["half an escape", "a_2"],
    ["upper-case digits", "a_2E"],
    ["an escape that is not needed", "_61"],
    ["bytes that are no UTF-8", "_ff"],
  ])("a token never written is no name: %s", (_sentence, token) => {
    expect(decodeNodeName(token)).toBeUndefined();
  });

  it("is reversible, and always one token", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (name) => {
        const token = encodeNodeName(name);
        expect(token).toMatch(/^[-_A-Za-z0-9]+$/);
        expect(decodeNodeName(token)).toBe(name);
      }),
    );
  });
});
