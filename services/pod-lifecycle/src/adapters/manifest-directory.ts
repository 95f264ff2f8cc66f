import { open, readdir, watch } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, pause } from "@podbus/clock";

/** kubelet: maxConfigLength (pkg/kubelet/config/common.go) allows more than the 512 KiB of YAML that anybody reads here. */
const largestBytes = 10 * 1024 * 1024;
/** kubelet: fileCheckFrequency. */
const lookAgainMs = 20_000;

export interface ManifestFile {
  readonly path: string;
  readonly content: Uint8Array;
}

export interface ManifestDirectory {
  readonly files: readonly ManifestFile[];
  /** By path; the directory's own where it cannot be read. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** All manifests: files whose names do not begin with a dot. A directory that is not there has none. */
export async function readManifests(directory: string): Promise<ManifestDirectory> {
  const files: ManifestFile[] = [];
  const unreadable = new Map<string, string>();
  for (const path of await manifestPaths(directory, unreadable)) {
    try {
      files.push({ path, content: await readBounded(path) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") unreadable.set(path, (error as Error).message);
    }
  }
  return { files, unreadable };
}

async function manifestPaths(directory: string, unreadable: Map<string, string>): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") unreadable.set(directory, (error as Error).message);
    return [];
  }
}

async function readBounded(path: string): Promise<Uint8Array> {
  await using file = await open(path, "r");
  const stat = await file.stat();
  if (!stat.isFile()) throw new Error("is not a file");
  if (stat.size > largestBytes) throw new Error(`is larger than ${largestBytes} bytes`);
  return await file.readFile();
}

export interface WatchOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onChange: () => void;
}

/** Calls `onChange` at once, after each change in the directory, and every 20 s in case one was missed; until the signal. */
export async function watchManifests(directory: string, { clock, signal, onChange }: WatchOptions): Promise<void> {
  while (!signal.aborted) {
    using round = new Round(signal);
    void followChanges(directory, round.signal, onChange);
    onChange();
    await pause(clock, lookAgainMs, signal);
  }
}

class Round implements Disposable {
  readonly #ends = new AbortController();
  readonly signal: AbortSignal;

  constructor(outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#ends.signal]);
  }

  [Symbol.dispose](): void {
    this.#ends.abort();
  }
}

/** A directory that cannot be watched, because it is not there yet for example, is looked at again in the next round. */
async function followChanges(directory: string, signal: AbortSignal, onChange: () => void): Promise<void> {
  try {
    for await (const _ of watch(directory, { signal })) onChange();
  } catch {
    // Ended, or for the next round.
  }
}
