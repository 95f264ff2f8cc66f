import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Clock } from "@podbus/clock";
import { compressedSuffix, type LogLimits, planRotation, unfinishedSuffix } from "../domain/log-rotation.ts";
import { unlessAbsent } from "./unless-absent.ts";

export interface LogRotation {
  readonly limits: LogLimits;
  readonly clock: Clock;
  /** The runtime begins a new file where the current one was. */
  readonly reopen: () => Promise<void>;
}

/**
 * Puts the log of a running container aside if it has grown too large; whether it did. Where a process of ours was killed in
 * the middle there is no log: the runtime is told again to begin one.
 */
export async function rotateIfLarge(path: string, { limits, clock, reopen }: LogRotation): Promise<boolean> {
  const bytes = await sizeOf(path);
  if (bytes === undefined) await reopen();
  if (bytes === undefined || bytes <= limits.maxBytes) return false;
  const directory = dirname(path);
  const log = basename(path);
  const { remove, compress, putAsideAs } = planRotation(
    log,
    { names: await readdir(directory), bytes, nowMs: clock.now() },
    limits,
  );
  await Promise.all(remove.map((name) => rm(join(directory, name), { force: true })));
  for (const name of compress) await compressFile(join(directory, name));
  if (!putAsideAs) return false;
  const aside = join(directory, putAsideAs);
  await rename(path, aside);
  try {
    await reopen();
  } catch (error) {
    // The runtime goes on writing to the old file, which gets its name back.
    await rename(aside, path);
    throw error;
  }
  return true;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await unlessAbsent(stat(path)))?.size;
}

async function compressFile(path: string): Promise<void> {
  const unfinished = `${path}${compressedSuffix}${unfinishedSuffix}`;
  await pipeline(createReadStream(path), createGzip(), createWriteStream(unfinished));
  await rename(unfinished, `${path}${compressedSuffix}`);
  await rm(path);
}
