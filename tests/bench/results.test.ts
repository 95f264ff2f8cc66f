import { expect, test } from "vitest";
import { missedLimits, renderResults, result } from "./results.ts";

const fast = result("pod-start", "p50", 110, "ms", 100);
const limits = [{ bench: "pod-start", metric: "p50", of: "ratio", atMost: 1.25 }] as const;

test("a figure carries its ratio to the baseline", () => {
  expect(fast).toEqual({ bench: "pod-start", metric: "p50", value: 110, unit: "ms", baseline: 100, ratio: 1.1 });
});

test("a limit is missed by a figure above it, and by one that was not measured", () => {
  expect(missedLimits([fast], limits)).toEqual([]);
  expect(missedLimits([result("pod-start", "p50", 126, "ms", 100)], limits)).toEqual(limits);
  expect(missedLimits([], limits)).toEqual(limits);
});

test("the table says which limit is met", () => {
  expect(renderResults([fast], limits)).toBe(
    [
      "bench      metric  value  unit  baseline  ratio  limit",
      "pod-start  p50     110    ms    100       1.1    ratio ≤ 1.25: met",
    ].join("\n"),
  );
});
