import { expect, test } from "vitest";
import { defaultTimeoutMs } from "./default-timeouts.ts";

const cases = [
  { that: "an ordinary call", method: "ListContainers", request: {}, ms: 120_000 },
  { that: "a sandbox, whose network may be slow", method: "RunPodSandbox", request: {}, ms: 240_000 },
  { that: "a stop with 30 s of grace", method: "StopContainer", request: { timeout: 30n }, ms: 150_000 },
  { that: "an exec with its own 5 s", method: "ExecSync", request: { timeout: 5n }, ms: 15_000 },
  { that: "an exec without a limit", method: "ExecSync", request: { timeout: 0n }, ms: Number.POSITIVE_INFINITY },
  { that: "a pull, which may be of any size", method: "PullImage", request: {}, ms: Number.POSITIVE_INFINITY },
];
test("all but pulls and commands follow what a plain call may take", () => {
  const allowed = (method: string, request: object = {}) => defaultTimeoutMs(method, request, 2_000);
  expect([allowed("CreateContainer"), allowed("RunPodSandbox")]).toEqual([2_000, 4_000]);
  expect(allowed("StopContainer", { timeout: 30n })).toBe(32_000);
  expect([allowed("ExecSync", { timeout: 5n }), allowed("PullImage")]).toEqual([15_000, Number.POSITIVE_INFINITY]);
});
test.each(cases)("$that may take $ms ms", ({ method, request, ms }) => {
  expect(defaultTimeoutMs(method, request)).toBe(ms);
});
