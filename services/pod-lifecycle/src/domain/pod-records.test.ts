import { expect, test } from "vitest";
import { exited, run, sandbox } from "../../tests/fixtures.ts";
import { PodRecords } from "./pod-records.ts";

test("a late event does not turn an ended container into a running one", () => {
  const records = new PodRecords();
  expect(records.seeContainer(run("main", { state: "created" }), 1)).toBe(true);
  expect(records.seeContainer(exited("main"), 2)).toBe(true);
  expect(records.seeContainer(run("main"), 3)).toBe(false);
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
  records.seeContainer(exited("main"), 1);
  expect(records.remove("main-0", 2)).toBe(true);
  expect(records.seeContainer(exited("main"), 3)).toBe(false);
  expect(records.isEmpty).toBe(true);
});

test("what a list lacks is forgotten, unless it was made after the list was asked for", () => {
  const records = new PodRecords();
  records.seeContainer(run("old"), 1);
  records.seeContainer(run("new"), 5);
  expect(records.removeUnlisted(new Set(), 3)).toBe(true);
  expect(records.observed.containers.map((c) => c.name)).toEqual(["new"]);
});
