import type { CoreEvent } from "@podbus/kube";
import type { StoredObject } from "@podbus/store";

/** Events that were neither made nor counted on since `sinceMs`. */
export function expiredEvents(events: readonly StoredObject<CoreEvent>[], sinceMs: number): StoredObject<CoreEvent>[] {
  return events.filter(({ value }) => newestTimeMs(value) < sinceMs);
}

function newestTimeMs({ metadata, lastTimestamp, eventTime, series }: CoreEvent): number {
  const said = [metadata.creationTimestamp, lastTimestamp, eventTime, series?.lastObservedTime];
  const times = said.map((time) => (time ? Date.parse(time) : 0));
  return Math.max(...times.filter((time) => Number.isFinite(time)), 0);
}
