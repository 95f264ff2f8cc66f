import { type Clock, pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { CoreEvent } from "@podbus/kube";
import type { ObjectStore, StoredObject } from "@podbus/store";
import { expiredEvents } from "./domain/expired-events.ts";
import type { EventLog } from "./event-input.ts";

export interface ExpireEventsOptions {
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly log?: EventLog;
  /** Default one hour: kube-apiserver's --event-ttl. */
  readonly ttlMs?: number;
}

/** Deletes old Events until the signal. Several replicas may run it: deleting is a compare-and-set. */
export async function expireEvents(store: ObjectStore, options: ExpireEventsOptions): Promise<void> {
  const { clock, signal, ttlMs = 60 * 60_000 } = options;
  while (!signal.aborted) {
    const events = store.cache.list<CoreEvent>("events").items;
    for (const event of expiredEvents(events, clock.now() - ttlMs)) {
      if (signal.aborted) return;
      await deleteEvent(store, event, options.log);
    }
    await pause(clock, ttlMs / 60, signal);
  }
}

async function deleteEvent(
  store: ObjectStore,
  event: StoredObject<CoreEvent>,
  log: EventLog | undefined,
): Promise<void> {
  try {
    await store.delete(event.key, event.revision);
  } catch (thrown) {
    const error = toPodbusError(thrown);
    // Counted on, or deleted by another replica: both are looked at again next time.
    if (error.code === "ABORTED" || error.code === "NOT_FOUND") return;
    log?.warn({ err: error, event: event.key.name }, "an old event could not be deleted; trying again later");
  }
}
