import { expect, it } from "vitest";
import { goQuote } from "./go-quote.ts";

it.each([
  ["plain", '"plain"'],
  ['say "hi"\n', '"say \\"hi\\"\\n"'],
  ["back\\slash\t", '"back\\\\slash\\t"'],
  ["bell\u0007 esc\u001b", '"bell\\a esc\\x1b"'],
  ["naïve ✓", '"naïve ✓"'],
])("%j is quoted as %s", (text, expected) => {
  expect(goQuote(text)).toBe(expected);
});
