import { type Clock, pause } from "@podbus/clock";
import type { Encryption } from "../domain/encryption.ts";
import { sealValue } from "../domain/sealing.ts";
import { serialize } from "../domain/stored-value.ts";
import type { StoredObject } from "../object-store.ts";
import type { StoreLog } from "../store-log.ts";
import type { CacheFeed } from "./cache-feed.ts";
import type { ObjectLog } from "./object-log.ts";

export interface ResealOptions {
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly objectLog: ObjectLog;
  readonly feed: CacheFeed;
  readonly encryption: Encryption;
  readonly signal: AbortSignal;
}

const retryMs = 5_000;

/**
 * Writes what was loaded in plain text, or sealed with an older key, as it would be written today, and removes its earlier
 * values from the stream: so a key is rotated by putting a new one first and starting again. An object that somebody
 * else writes meanwhile is sealed by that write.
 */
export async function resealStale(options: ResealOptions): Promise<void> {
  const { clock, log, feed, signal } = options;
  // Who opens the store hears of a failed load, and closes it.
  await feed.loaded.catch(() => undefined);
  const stale = [...feed.stale];
  while (!signal.aborted && stale.length > 0) {
    try {
      for (let next = stale.at(-1); next && !signal.aborted; next = stale.at(-1)) {
        await reseal(next, options);
        stale.pop();
      }
      if (!signal.aborted) log.info({ objects: feed.stale.size }, "objects were encrypted with the first key");
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, "objects could not be encrypted; trying again");
      await pause(clock, retryMs, signal);
    }
  }
}

async function reseal([subject, object]: [string, StoredObject], { objectLog, encryption }: ResealOptions) {
  const { key, revision, value } = object;
  await objectLog.append(subject, sealValue(encryption, key, serialize(value)), revision);
  // Also where somebody else was faster: every value up to the one that was loaded is an old one now.
  await objectLog.purge(subject, revision);
}
