import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { StaticPodRecord } from "../domain/plan-static-pods.ts";
import { writeWhole } from "./write-whole.ts";

export interface LoadedRecords {
  readonly records: readonly StaticPodRecord[];
  /** Files that hold none: a machine may have gone down while one was written. */
  readonly broken: readonly string[];
}

/** What this node knows of its static pods, a file each; nobody else may read them: manifests may hold passwords. */
export class StaticPodRecords {
  readonly #directory: string;

  constructor(stateDir: string) {
    this.#directory = join(stateDir, "static-pods");
  }

  async load(): Promise<LoadedRecords> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const records: StaticPodRecord[] = [];
    const broken: string[] = [];
    for (const name of await readdir(this.#directory)) {
      if (!name.endsWith(".json")) continue;
      const path = join(this.#directory, name);
      try {
        records.push(JSON.parse(await readFile(path, "utf8")) as StaticPodRecord);
      } catch {
        broken.push(path);
      }
    }
    return { records, broken };
  }

  async put(record: StaticPodRecord): Promise<void> {
    await writeWhole(this.#path(record.pod.metadata.uid ?? ""), JSON.stringify(record), { mode: 0o600 });
  }

  async remove(uid: string): Promise<void> {
    await rm(this.#path(uid), { force: true });
  }

  #path(uid: string): string {
    return join(this.#directory, `${uid}.json`);
  }
}
