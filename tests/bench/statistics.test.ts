import { expect, test } from "vitest";
import { percentile } from "./statistics.ts";

const cases = [
  { that: "the middle of three", values: [30, 10, 20], percent: 50, is: 20 },
  { that: "the lower middle of four", values: [4, 3, 2, 1], percent: 50, is: 2 },
  { that: "the highest of few at 99 %", values: [1, 2, 3], percent: 99, is: 3 },
  { that: "the second highest of 100 at 99 %", values: Array.from({ length: 100 }, (_, i) => i), percent: 99, is: 98 },
  { that: "the only one", values: [7], percent: 1, is: 7 },
];
test.each(cases)("it is $that", ({ values, percent, is }) => {
  expect(percentile(values, percent)).toBe(is);
});

test("nothing has no percentile", () => {
  expect(() => percentile([], 50)).toThrow(RangeError);
});
