import { expect, it } from "vitest";
import { parseGoDuration } from "./go-duration.ts";

it.each([
  ["0", 0],
  ["0s", 0],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["12h0m0s", 43_200_000],
  ["-1s", -1_000],
  ["250ms", 250],
  ["", undefined],
  ["5", undefined],
  ["5 m", undefined],
  ["m", undefined],
  ["1d", undefined],
])("%j is %s ms", (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms);
});
