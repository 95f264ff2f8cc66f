import { expect, it } from "vitest";
import { formatDuration } from "./go-text.ts";

it.each([
  [0, "0s"],
  [0.9, "0s"],
  [834, "834ms"],
  [1_000, "1s"],
  [1_234.9, "1.234s"],
  [62_500, "1m2.5s"],
  [3_600_000, "1h0m0s"],
])("%d ms is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
