import { expect, test } from "vitest";
import { noSummary, parseLintReport, totalOf } from "./summary.ts";

test("passed and failed are summed, skipped ones are named and counted as neither", () => {
  const unit = { group: "unit", passed: 3, failed: ["a.test.ts > x"], skipped: [{ name: "b", reason: "needs root" }] };
  expect(totalOf([unit, { group: "e2e", passed: 2, failed: [], skipped: [] }])).toEqual({
    lines: [
      "unit: 3 passed, 1 failed, 1 skipped",
      "  skipped: b (needs root)",
      "  FAILED: a.test.ts > x",
      "e2e: 2 passed, 0 failed, 0 skipped",
    ],
    last: "5 passed, 1 failed",
    ok: false,
  });
});

test("a group without tests is said to have none", () => {
  expect(totalOf([{ group: "chaos", passed: 0, failed: [], skipped: [] }]).lines).toEqual(["chaos: no tests"]);
});

test("a run that ended without a result is a failure", () => {
  expect(totalOf([noSummary("unit")])).toMatchObject({ last: "0 passed, 1 failed", ok: false });
});

test("each check of the linter counts by its name", () => {
  const report = "ok types\nfailed contracts: lint\nskipped contracts: breaking changes\tnothing to compare with\n";
  expect(parseLintReport(report)).toEqual({
    group: "lint",
    passed: 1,
    failed: ["contracts: lint"],
    skipped: [{ name: "contracts: breaking changes", reason: "nothing to compare with" }],
  });
});
