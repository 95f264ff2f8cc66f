import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesGlob } from "./match-glob.ts";

describe("a glob matches a text as in Go's path.Match", () => {
  // The cases of Go's own path/match_test.go that have no slash, and some more.
  it.each<[string, string, boolean]>([
    ["abc", "abc", true],
    ["*", "abc", true],
    ["*c", "abc", true],
    ["a*", "a", true],
    ["a*", "abc", true],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a*b*c", "abbbc", true],
    ["a*b?c*x", "abxbbxdbxebxczzx", true],
    ["a*b?c*x", "abxbbxdbxebxczzy", false],
    ["ab[c]", "abc", true],
    ["ab[b-d]", "abc", true],
    ["ab[e-g]", "abc", false],
    ["ab[^c]", "abc", false],
    ["ab[^b-d]", "abc", false],
    ["ab[^e-g]", "abc", true],
    ["a\\*b", "a*b", true],
    ["a\\*b", "ab", false],
    ["a?b", "a☺b", true],
    ["a[^a]b", "a☺b", true],
    ["a???b", "a☺b", false],
    ["a[^a][^a][^a]b", "a☺b", false],
    ["[a-ζ]*", "α", true],
    ["*[a-ζ]", "A", false],
    ["[\\]a]", "]", true],
    ["[\\-]", "-", true],
    ["[x\\-]", "x", true],
    ["[x\\-]", "-", true],
    ["[x\\-]", "z", false],
    ["[\\-x]", "x", true],
    ["[\\-x]", "-", true],
    ["[b-a]", "a", false],
    ["[]a]", "]", false],
    ["[-]", "-", false],
    ["[x-]", "x", false],
    ["[-x]", "x", false],
    ["[a-b-c]", "a", false],
    ["[", "a", false],
    ["[^", "a", false],
    ["a[", "a", false],
    ["a\\", "a", false],
    ["*x", "xxx", true],
    ["a.b", "axb", false],
  ])("%j, %j: %s", (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it("in no time, however many stars there are", () => {
    expect(matchesGlob(`${"*a".repeat(120)}b`, "a".repeat(250))).toBe(false);
    expect(matchesGlob(`${"*a".repeat(120)}*`, "a".repeat(250))).toBe(true);
  });

  it("never throwing; a text with its special characters escaped matches itself", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (glob, text) => typeof matchesGlob(glob, text) === "boolean"));
    fc.assert(fc.property(fc.string(), (text) => matchesGlob(text.replace(/[\\*?[]/g, "\\$&"), text)));
  });
});
