import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { type NodeDirectories, podPaths } from "../domain/pod-paths.ts";
import { formatRange, freeRange, hasOwnUsers, type IdRange, parseRange } from "../domain/user-namespace.ts";
import type { PodUsers } from "../ports.ts";
import { unlessAbsent } from "./unless-absent.ts";
import { writeWhole } from "./write-whole.ts";

/**
 * Gives out ranges of ids, no two pods the same. Each is written beside the pod's files before it is used, and is free
 * again when these files are gone: whatever becomes of this process, what is there says which are taken.
 */
export class LocalPodUsers implements PodUsers {
  readonly #directories: NodeDirectories;
  #taken: Promise<Map<string, IdRange>> | undefined;

  constructor(directories: NodeDirectories) {
    this.#directories = directories;
  }

  async ensure(pod: Pod): Promise<IdRange | undefined> {
    if (!hasOwnUsers(pod)) return undefined;
    const taken = await this.#read();
    const uid = pod.metadata.uid ?? "";
    const known = taken.get(uid);
    if (known) return known;
    const range = freeRange(taken.values());
    if (!range) {
      throw new PodbusError({ code: "RESOURCE_EXHAUSTED", message: "no range of ids is left for a user namespace" });
    }
    taken.set(uid, range);
    try {
      const path = podPaths.users(this.#directories, pod);
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, formatRange(range), { mode: 0o644, synced: true });
    } catch (error) {
      taken.delete(uid);
      throw error;
    }
    return range;
  }

  async release(pod: Pod): Promise<void> {
    (await this.#taken)?.delete(pod.metadata.uid ?? "");
  }

  /** Once; again after a failure. */
  #read(): Promise<Map<string, IdRange>> {
    this.#taken ??= readRanges(this.#directories).catch((error) => {
      this.#taken = undefined;
      throw error;
    });
    return this.#taken;
  }
}

/** A range that cannot be read may be any: then none is given out. */
async function readRanges(directories: NodeDirectories): Promise<Map<string, IdRange>> {
  const found = new Map<string, IdRange>();
  for (const uid of await unlessAbsent(readdir(podPaths.allStates(directories)), [])) {
    const path = podPaths.users(directories, { metadata: { name: "", uid } });
    const text = await unlessAbsent(readFile(path, "utf8"));
    if (text === undefined) continue;
    try {
      found.set(uid, parseRange(text));
    } catch (cause) {
      const message = `${path} does not say which ids its pod has: no user namespace can be made until it is removed`;
      throw new PodbusError({ code: "DATA_LOSS", message, cause });
    }
  }
  return found;
}
