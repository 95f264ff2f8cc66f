import { createHash } from "node:crypto";
import { annotations, type CoreEvent } from "@podbus/kube";
import type { EventRecord } from "../event-input.ts";

/** An object's name is at most 253 characters; the rest is "." and 16 of the hash. */
const longestSubjectName = 253 - 17;
/** events.k8s.io/v1 allows a note of 1024 (pkg/apis/core/validation/events.go); more is of no use to a reader. */
const longestMessage = 1024;

/**
 * The name of the Event that counts all records equal to this one. Equal as in client-go tools/record/events_cache.go
 * (getEventKey): the same source, object, type, reason and message. The name is computed from these, so a record that
 * is delivered twice, or to two replicas, finds the same object.
 */
export function eventName(record: EventRecord): string {
  const { object, type, reason, message, component } = record;
  const identity = [component, object.apiVersion, object.kind, object.namespace ?? "", object.name, object.uid ?? ""];
  const text = JSON.stringify([...identity, object.fieldPath ?? "", type, reason, message]);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `${object.name.slice(0, longestSubjectName)}.${hash}`;
}

/** Events about cluster-scoped objects live in "default" (client-go tools/record/event.go, makeEvent). */
export function eventNamespace(record: EventRecord): string {
  return record.object.namespace || "default";
}

export interface NewEvent {
  readonly uid: string;
  readonly now: number;
  /** The reporting node; "" for a cluster service. */
  readonly host: string;
}

/**
 * The Event with one more record counted, or a new one; undefined when the record is in it already. Records of one
 * source come in the order in which they happened, so one that is not newer than the last has been delivered before.
 */
export function mergeEvent(
  previous: CoreEvent | undefined,
  record: EventRecord,
  fresh: NewEvent,
): CoreEvent | undefined {
  if (!previous) return newEvent(record, fresh);
  if (record.at <= countedUntil(previous)) return undefined;
  return {
    ...previous,
    metadata: {
      ...previous.metadata,
      annotations: { ...previous.metadata.annotations, [annotations.countedUntil]: String(record.at) },
    },
    count: (previous.count ?? 1) + 1,
    lastTimestamp: timestamp(record.at),
  };
}

function newEvent(record: EventRecord, { uid, now, host }: NewEvent): CoreEvent {
  const { object, type, reason, message, component, at } = record;
  const namespace = eventNamespace(record);
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      name: eventName(record),
      namespace,
      uid,
      creationTimestamp: timestamp(now),
      annotations: { [annotations.countedUntil]: String(at) },
    },
    involvedObject: definedOnly({ ...object, namespace: object.namespace ?? "" }),
    reason,
    message: message.slice(0, longestMessage),
    source: definedOnly({ component, host }),
    firstTimestamp: timestamp(at),
    lastTimestamp: timestamp(at),
    count: 1,
    type,
    reportingComponent: component,
    reportingInstance: host,
  };
}

function countedUntil(event: CoreEvent): number {
  const annotation = Number(event.metadata.annotations?.[annotations.countedUntil]);
  if (Number.isFinite(annotation)) return annotation;
  return event.lastTimestamp ? Date.parse(event.lastTimestamp) : 0;
}

/** Kubernetes' Time: RFC 3339 in whole seconds. */
function timestamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}

function definedOnly(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => !!entry[1]));
}
