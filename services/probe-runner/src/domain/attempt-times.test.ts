import { describe, expect, it } from "vitest";
import { leastCrowded, nextDue, type Room, roomOfFirst, roomOfSecond } from "./attempt-times.ts";
import type { ProbeSpec } from "./probe-spec.ts";

const spec: ProbeSpec = {
  kind: "Readiness",
  action: { kind: "exec", command: ["check"] },
  initialDelayMs: 0,
  periodMs: 1_000,
  timeoutMs: 1_000,
  thresholds: { success: 1, failure: 3 },
  known: undefined,
};
const none: Room = { earlierMs: 0, laterMs: 0 };

describe("room", () => {
  const table: [string, Room, Room][] = [
    ["a new probe begins at once", roomOfFirst(spec), none],
    ["one that was not ready begins at once", roomOfFirst({ ...spec, known: "Failure" }), none],
    ["one that was ready may wait", roomOfFirst({ ...spec, known: "Success" }), { earlierMs: 0, laterMs: 500 }],
    ["readiness is moved earlier", roomOfSecond(spec), { earlierMs: 500, laterMs: 0 }],
    ["liveness is moved later", roomOfSecond({ ...spec, kind: "Liveness" }), { earlierMs: 0, laterMs: 500 }],
    ["startup is not moved", roomOfSecond({ ...spec, kind: "Startup" }), none],
    ["by a second at most", roomOfSecond({ ...spec, periodMs: 60_000 }), { earlierMs: 1_000, laterMs: 0 }],
  ];
  it.each(table)("%s", (_sentence, room, expected) => {
    expect(room).toEqual(expected);
  });
});

describe("leastCrowded", () => {
  const crowdOf = (crowd: Readonly<Record<number, number>>) => (atMs: number) => crowd[atMs] ?? 0;
  const table: [string, Room, Readonly<Record<number, number>>, number][] = [
    ["its own time where nobody else is due", { earlierMs: 500, laterMs: 0 }, {}, 1_000],
    ["the nearest free time before it", { earlierMs: 500, laterMs: 0 }, { 1000: 1, 990: 1 }, 980],
    ["the nearest free time after it", { earlierMs: 0, laterMs: 500 }, { 1000: 1, 1010: 1 }, 1_020],
    ["its own time where there is no room", none, { 1000: 9 }, 1_000],
    ["the emptiest where none is free", { earlierMs: 20, laterMs: 0 }, { 1000: 3, 990: 1, 980: 2 }, 990],
  ];
  it.each(table)("%s", (_sentence, room, crowd, expected) => {
    expect(leastCrowded(1_000, room, crowdOf(crowd))).toBe(expected);
  });
});

describe("nextDue", () => {
  it.each([
    ["a period later", 0, 0],
    ["a period later though the attempt took long", 0, 900],
    ["on the grid though it was woken late", 0, 1_000],
    ["at once where one time was missed", 1_000, 1_700],
    ["at once, and only once, where several were missed", 4_000, 4_900],
  ])("%s", (_sentence, expected, endedMs) => {
    expect(nextDue(0, 1_000, endedMs)).toBe(expected || 1_000);
  });

  it("adds nothing up, however late each attempt is woken", () => {
    let dueMs = 7;
    for (let attempt = 0; attempt < 10_000; attempt++) dueMs = nextDue(dueMs, 333, dueMs + (attempt % 300));
    expect(dueMs).toBe(7 + 10_000 * 333);
  });
});
