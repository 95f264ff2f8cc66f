import { expect, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { type ShutdownPeriod, shutdownGroups, shutdownPeriods } from "./shutdown-groups.ts";

const ofPriority = (priority?: number) => ({ pod: pod(priority === undefined ? {} : { priority }) });
const plain = ofPriority();
const negative = ofPriority(-5);
const high = ofPriority(1_999_999_999);
const critical = ofPriority(2_000_000_000);
const highest = ofPriority(2_000_001_000);
const two = shutdownPeriods(30, 10);
const byPriority: readonly ShutdownPeriod[] = [
  { priority: 2_000_000_000, seconds: 5 },
  { priority: 0, seconds: 40 },
  { priority: 1_000, seconds: 15 },
];

test.each([
  ["nothing for no pods", two, [], []],
  ["one group for pods of one kind", two, [plain, high], [{ pods: [plain, high], seconds: 20 }]],
  [
    "critical pods after all others",
    two,
    [highest, plain, critical, negative],
    [
      { pods: [plain, negative], seconds: 20 },
      { pods: [highest, critical], seconds: 10 },
    ],
  ],
  [
    "each priority in its own time, the lowest first, and what is below all of them with the lowest",
    byPriority,
    [highest, high, negative, plain],
    [
      { pods: [negative, plain], seconds: 40 },
      { pods: [high], seconds: 15 },
      { pods: [highest], seconds: 5 },
    ],
  ],
])("%s", (_, periods, pods, expected) => {
  expect(shutdownGroups(pods, periods)).toEqual(expected);
});

test("no time at all is no shutdown of ours", () => {
  expect(shutdownPeriods(0, 0)).toEqual([]);
});
