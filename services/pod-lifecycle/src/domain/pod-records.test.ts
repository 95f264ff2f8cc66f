import { expect, test } from "vitest";
import { exited, run, sandbox } from "../../tests/fixtures.ts";
import { type Moment, PodRecords } from "./pod-records.ts";

const at = (steadyMs: number, wallMs = steadyMs) => ({ steadyMs, wallMs });

test("a late event does not turn an ended container into a running one", () => {
  const records = new PodRecords();
  expect(records.seeContainer(run("main", { state: "created" }), at(1))).toBe(true);
  expect(records.seeContainer(exited("main"), at(2))).toBe(true);
  expect(records.seeContainer(run("main"), at(3))).toBe(false);
  expect(records.observed.containers.map((c) => c.state)).toEqual(["exited"]);
});

test("the same news twice is no change", () => {
  const records = new PodRecords();
  records.seeSandbox(sandbox(), 1);
  expect(records.seeSandbox(sandbox(), 2)).toBe(false);
});

test("a list without addresses keeps the known ones", () => {
  const records = new PodRecords();
  records.seeSandbox(sandbox({ ips: ["10.1.0.5"] }), 1);
  records.seeSandbox(sandbox({ state: "not-ready", ips: [] }), 2);
  expect(records.observed.sandboxes).toEqual([sandbox({ state: "not-ready", ips: ["10.1.0.5"] })]);
});

test("a removed container is not brought back by an old list", () => {
  const records = new PodRecords();
  records.seeContainer(exited("main"), at(1));
  expect(records.remove("main-0", 2)).toBe(true);
  expect(records.seeContainer(exited("main"), at(3))).toBe(false);
  expect(records.isEmpty).toBe(true);
});

test("what a list lacks is forgotten, unless it was made after the list was asked for", () => {
  const records = new PodRecords();
  records.seeContainer(run("old"), at(1));
  records.seeContainer(run("new"), at(5));
  expect(records.removeUnlisted(new Set(), 3)).toBe(true);
  expect(records.observed.containers.map((c) => c.name)).toEqual(["new"]);
});

const hour = 3_600_000;

test.each<readonly [string, { running?: Moment; seen: Moment; finishedAtMs: number }, number]>([
  ["seen at once", { running: at(50_000), seen: at(60_000), finishedAtMs: 60_000 }, 60_000],
  ["seen late", { running: at(50_000), seen: at(75_000), finishedAtMs: 60_000 }, 60_000],
  ["found at the start, ended before it", { seen: at(5_000, 90_000), finishedAtMs: 60_000 }, -25_000],
  [
    "the clock went on by an hour since",
    { running: at(50_000), seen: at(61_000, 61_000 + hour), finishedAtMs: 60_000 },
    50_000,
  ],
  [
    "the clock went back by an hour since",
    { running: at(50_000), seen: at(61_000, 61_000 - hour), finishedAtMs: 60_000 },
    61_000,
  ],
  [
    "the runtime's clock is an hour ahead",
    { running: at(50_000), seen: at(61_000), finishedAtMs: 60_000 + hour },
    61_000,
  ],
  ["found at the start, by a clock an hour behind", { seen: at(5_000, 90_000 - hour), finishedAtMs: 60_000 }, 5_000],
])("when a container ended: %s", (_, { running, seen, finishedAtMs }, expected) => {
  const records = new PodRecords();
  if (running) records.seeContainer(run("main"), running);
  records.seeContainer(exited("main", { finishedAtMs }), seen);
  expect(records.observed.containers[0]?.endedSteadyMs).toBe(expected);
});
