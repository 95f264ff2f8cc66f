import { expect, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { shutdownGroups } from "./shutdown-groups.ts";

const ofPriority = (priority?: number) => ({ pod: pod(priority === undefined ? {} : { priority }) });
const [plain, negative, high, critical, highest] = [undefined, -5, 1_999_999_999, 2_000_000_000, 2_000_001_000].map(
  ofPriority,
);
const periods = { totalSeconds: 30, criticalSeconds: 10 };

test.each([
  ["nothing for no pods", [], []],
  ["one group for pods of one kind", [plain, high], [{ pods: [plain, high], seconds: 20 }]],
  [
    "critical pods after all others",
    [highest, plain, critical, negative],
    [
      { pods: [plain, negative], seconds: 20 },
      { pods: [highest, critical], seconds: 10 },
    ],
  ],
])("%s", (_, pods, expected) => {
  expect(shutdownGroups(pods as (typeof plain & object)[], periods)).toEqual(expected);
});
