import { type Clock, pause } from "@podbus/clock";
import type { Tombstones } from "../domain/tombstones.ts";
import type { StoreLog } from "../store-log.ts";
import type { ObjectLog } from "./object-log.ts";

export interface TombstoneSweepOptions {
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly objectLog: ObjectLog;
  readonly tombstones: Tombstones;
  readonly ageMs: number;
  readonly signal: AbortSignal;
}

/**
 * Removes old tombstones until the signal. Every store sweeps; removing twice does nothing. An object that was created
 * again over its tombstone has a later sequence, which a purge up to the tombstone cannot reach.
 */
export async function sweepTombstones(options: TombstoneSweepOptions): Promise<void> {
  const { clock, ageMs, signal } = options;
  while (!signal.aborted) {
    await pause(clock, ageMs / 4, signal);
    if (!signal.aborted) await sweepOnce(options);
  }
}

async function sweepOnce({ clock, log, objectLog, tombstones, ageMs, signal }: TombstoneSweepOptions): Promise<void> {
  for (const { subject, revision } of tombstones.olderThan(clock.now() - ageMs)) {
    if (signal.aborted) return;
    try {
      await objectLog.purge(subject, revision);
      if (tombstones.revisionOf(subject) === revision) tombstones.forget(subject);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, subject }, "a tombstone could not be removed; trying again later");
      return;
    }
  }
}
