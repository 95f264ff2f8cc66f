import { expect, it } from "vitest";
import { goDuration, joinHostPort } from "./go-text.ts";

it.each([
  ["10.0.0.1", "10.0.0.1:80"],
  ["fd00::1", "[fd00::1]:80"],
])("%s with its port is %s", (host, expected) => {
  expect(joinHostPort(host, 80)).toBe(expected);
});

it.each([
  [500, "500ms"],
  [1_000, "1s"],
  [1_500, "1.5s"],
  [60_000, "1m0s"],
  [90_000, "1m30s"],
  [3_600_000, "1h0m0s"],
])("%i ms are %s", (ms, text) => {
  expect(goDuration(ms)).toBe(text);
});
