import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type PullRecord, recordKey } from "../domain/access/pull-record.ts";
import type { PullRecordStore } from "../ports.ts";

/** The kubelet's format and version: staging/src/k8s.io/kubelet/config/v1beta1, ImagePulledRecord and ImagePullIntent. */
const apiVersion = "kubelet.config.k8s.io/v1beta1";

const recordSchema = z
  .strictObject({
    kind: z.literal("ImagePulledRecord"),
    apiVersion: z.literal(apiVersion),
    lastUpdatedTime: z.iso.datetime(),
    imageRef: z.string().min(1),
    credentialMapping: z
      .record(
        z.string(),
        z.strictObject({
          nodePodsAccessible: z.boolean().default(false),
          kubernetesSecrets: z
            .array(
              z.strictObject({ namespace: z.string(), name: z.string(), uid: z.string(), credentialHash: z.string() }),
            )
            .default([]),
        }),
      )
      .default({}),
  })
  .transform(({ imageRef, lastUpdatedTime, credentialMapping }): PullRecord => {
    return { imageRef, lastUpdatedMs: Date.parse(lastUpdatedTime), access: credentialMapping };
  });

const isKey = (file: string) => /^sha256-[0-9a-f]{64}$/.test(file);

/** Records as files below `dir`, one each, readable by root only: they tell which Secrets have which credential. */
export function createPullRecordFiles(dir: string): PullRecordStore {
  const pulling = join(dir, "pulling");
  const pulled = join(dir, "pulled");
  return {
    load: async () => {
      const intents = await keysIn(pulling);
      const records: PullRecord[] = [];
      const unreadable: string[] = [];
      for (const key of await keysIn(pulled)) {
        const record = readRecord(await readFile(join(pulled, key), "utf8"));
        if (record && recordKey(record.imageRef) === key) records.push(record);
        else unreadable.push(key);
      }
      return { records, unreadable, intents };
    },
    writeIntent: (image) => write(pulling, recordKey(image), { kind: "ImagePullIntent", apiVersion, image }),
    removeIntent: (key) => rm(join(pulling, key), { force: true }),
    writeRecord: ({ imageRef, lastUpdatedMs, access }) =>
      write(pulled, recordKey(imageRef), {
        kind: "ImagePulledRecord",
        apiVersion,
        lastUpdatedTime: new Date(lastUpdatedMs).toISOString(),
        imageRef,
        credentialMapping: access,
      }),
    removeRecord: (key) => rm(join(pulled, key), { force: true }),
  };
}

/** What a process that was killed was about to write is removed. */
async function keysIn(dir: string): Promise<string[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const files = await readdir(dir);
  for (const file of files) if (file.endsWith(".tmp")) await rm(join(dir, file), { force: true });
  return files.filter(isKey);
}

function readRecord(text: string): PullRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whole or not at all, whenever this process or the machine ends. */
async function write(dir: string, key: string, content: object): Promise<void> {
  const pending = join(dir, `${key}.tmp`);
  await using file = await open(pending, "w", 0o600);
  await file.writeFile(`${JSON.stringify(content)}\n`);
  await file.sync();
  await rename(pending, join(dir, key));
  await using folder = await open(dir, "r");
  await folder.sync();
}
