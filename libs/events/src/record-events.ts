import { randomUUID } from "node:crypto";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { CoreEvent } from "@podbus/kube";
import type { ObjectKey, ObjectStore } from "@podbus/store";
import { eventName, eventNamespace, mergeEvent, type NewEvent } from "./domain/merge-event.ts";
import type { EventRecord } from "./event-input.ts";

export interface RecordEventsOptions {
  readonly clock: Clock;
  /** The reporting node; "" or absent for a cluster service. */
  readonly host?: string;
}

/** Others may count on the same Event at the same time; each round one of them gets through. */
const mostAttempts = 8;

/** Writes records to Event objects, one after the other. Recording the same ones again changes nothing. */
export async function recordEvents(
  store: ObjectStore,
  records: readonly EventRecord[],
  options: RecordEventsOptions,
): Promise<void> {
  for (const record of records) {
    const fresh: NewEvent = { uid: randomUUID(), now: options.clock.now(), host: options.host ?? "" };
    await recordEvent(store, record, fresh);
  }
}

async function recordEvent(store: ObjectStore, record: EventRecord, fresh: NewEvent): Promise<void> {
  const key: ObjectKey = { resource: "events", namespace: eventNamespace(record), name: eventName(record) };
  for (let attempt = 1; ; attempt++) {
    const stored = store.cache.get<CoreEvent>(key);
    const event = mergeEvent(stored?.value, record, fresh);
    if (!event) return;
    try {
      await (stored ? store.update(key, event, stored.revision) : store.create(key, event));
      return;
    } catch (error) {
      if (attempt === mostAttempts || !wasOvertaken(error)) throw error;
    }
    await store.cache.waitForRevision(await store.latestRevision());
  }
}

function wasOvertaken(error: unknown): boolean {
  return error instanceof PodbusError && ["ABORTED", "ALREADY_EXISTS", "NOT_FOUND"].includes(error.code);
}
