import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { LocalHookJournal } from "./hook-journal.ts";
import { LocalPodFiles } from "./pod-files.ts";

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "hook-journal-"));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

const directories = () => ({ stateDir, runDir: stateDir });
const run = { container: "main", attempt: 0, id: "c0" };
const failed = { succeeded: false, message: "no database\nreally" };

it("another process finds what was kept, of that run and that hook alone", async () => {
  await new LocalHookJournal(directories()).keepEnd(pod(), run, "preStop", failed);
  const journal = new LocalHookJournal(directories());
  expect(await journal.endOf(pod(), run, "preStop")).toEqual(failed);
  expect(await journal.endOf(pod(), run, "postStart")).toBeUndefined();
  expect(await journal.endOf(pod(), { ...run, attempt: 1 }, "preStop")).toBeUndefined();
  expect(
    await journal.endOf(pod(), { ...run, id: "c1" }, "preStop"),
    "another container of that number",
  ).toBeUndefined();
});

it("a success is kept too, and may be kept twice", async () => {
  const journal = new LocalHookJournal(directories());
  for (let times = 0; times < 2; times++) {
    await journal.keepEnd(pod(), run, "postStart", { succeeded: true, message: "" });
    expect(await journal.endOf(pod(), run, "postStart")).toEqual({ succeeded: true, message: "" });
  }
});

it("a file that was cut off is no end", async () => {
  const journal = new LocalHookJournal(directories());
  await journal.keepEnd(pod(), run, "postStart", failed);
  await writeFile(join(stateDir, "pods/uid-1/hooks/main/0.postStart"), "c0");
  expect(await journal.endOf(pod(), run, "postStart")).toBeUndefined();
});

it("goes with its run", async () => {
  const journal = new LocalHookJournal(directories());
  await journal.keepEnd(pod(), run, "postStart", failed);
  await journal.keepEnd(pod(), run, "preStop", failed);
  await journal.keepEnd(pod(), { ...run, attempt: 1 }, "preStop", failed);
  await new LocalPodFiles(directories(), "cluster.local").removeRun(pod(), "main", 0);
  expect(await readdir(join(stateDir, "pods/uid-1/hooks/main"))).toEqual(["1.preStop"]);
});
