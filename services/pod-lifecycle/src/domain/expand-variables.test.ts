import { expect, test } from "vitest";
import { expandVariables } from "./expand-variables.ts";

const values = new Map([
  ["A", "a"],
  ["EMPTY", ""],
]);

test.each([
  ["$(A)", "a"],
  ["x$(A)y$(A)", "xaya"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$a"],
  ["$(UNKNOWN)", "$(UNKNOWN)"],
  ["$(EMPTY)", ""],
  ["$A ${A} $", "$A ${A} $"],
  ["$(A", "$(A"],
])("%s becomes %s", (text, expected) => {
  expect(expandVariables(text, values)).toBe(expected);
});
