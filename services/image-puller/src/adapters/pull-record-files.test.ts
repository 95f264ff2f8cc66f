import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PullRecord, recordKey } from "../domain/access/pull-record.ts";
import type { PullRecordStore } from "../ports.ts";
import { createPullRecordFiles } from "./pull-record-files.ts";

const record: PullRecord = {
  imageRef: "sha256:1",
  lastUpdatedMs: Date.UTC(2026, 0, 1),
  access: {
    "r.example/app": {
      nodePodsAccessible: false,
      kubernetesSecrets: [{ namespace: "shop", name: "pull", uid: "u-1", credentialHash: "h1" }],
    },
  },
};
const key = recordKey(record.imageRef);

let dir: string;
let files: PullRecordStore;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "podbus-records-"));
  files = createPullRecordFiles(dir);
  await files.load();
});
afterEach(() => rm(dir, { recursive: true }));

it("records and intents are found again", async () => {
  await files.writeIntent("r.example/app:1");
  await files.writeRecord(record);
  const expected = { records: [record], unreadable: [], intents: [recordKey("r.example/app:1")] };
  expect(await createPullRecordFiles(dir).load()).toEqual(expected);
});

it("a record is replaced, and what is removed is gone, however often", async () => {
  await files.writeIntent("r.example/app:1");
  await files.writeRecord(record);
  await files.writeRecord({ ...record, access: {} });
  expect((await files.load()).records).toEqual([{ ...record, access: {} }]);
  for (let time = 0; time < 2; time++) {
    await files.removeRecord(key);
    await files.removeIntent(recordKey("r.example/app:1"));
  }
  expect(await files.load()).toEqual({ records: [], unreadable: [], intents: [] });
});

it("only the owner can read them, and no name on the disk is what a user has typed", async () => {
  await files.writeRecord({ ...record, imageRef: "../../etc/passwd" });
  const [name = ""] = await readdir(join(dir, "pulled"));
  expect(name).toBe(recordKey("../../etc/passwd"));
  expect((await stat(join(dir, "pulled", name))).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, "pulled"))).mode & 0o777).toBe(0o700);
});

describe("a record that cannot be read", () => {
  const change = async (of: (text: string) => string) => {
    await files.writeRecord(record);
    const path = join(dir, "pulled", key);
    await writeFile(path, of(await readFile(path, "utf8")));
  };
  const table: [string, (text: string) => string][] = [
    ["empty", () => ""],
    ["half of it", (text) => text.slice(0, text.length / 2)],
    ["no JSON", () => "secret"],
    ["another version", (text) => text.replace("/v1beta1", "/v9")],
    ["another kind", (text) => text.replace("ImagePulledRecord", "ImagePullIntent")],
    ["a field that we do not know", (text) => text.replace("{", '{"allowEverybody":true,')],
    ["of another image", (text) => text.replace("sha256:1", "sha256:2")],
  ];
  it.each(table)("%s", async (_sentence, of) => {
    await change(of);
    expect(await files.load()).toEqual({ records: [], unreadable: [key], intents: [] });
    await files.writeRecord(record);
    expect(await files.load()).toMatchObject({ records: [record], unreadable: [] });
  });
});

it("what a killed process was about to write is not read, and removed", async () => {
  await writeFile(join(dir, "pulled", `${key}.tmp`), "{");
  await writeFile(join(dir, "pulling", `${key}.tmp`), "{");
  expect(await files.load()).toEqual({ records: [], unreadable: [], intents: [] });
  expect(await readdir(join(dir, "pulled"))).toEqual([]);
  expect(await readdir(join(dir, "pulling"))).toEqual([]);
});
