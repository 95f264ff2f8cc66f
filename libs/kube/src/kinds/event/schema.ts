import type { z } from "zod";
import { is, may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { objectReferenceSchema } from "../../schema/references.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;
const events = (name: string) => `io.k8s.api.events.v1.${name}`;

const eventSourceSchema = objectType(
  core("EventSource"),
  { component: may.string, host: may.string },
  "Who reports an event.",
);

export const coreEventSchema = objectType(
  core("Event"),
  {
    ...typedObjectShape,
    involvedObject: objectReferenceSchema,
    reason: may.string,
    message: may.string,
    source: eventSourceSchema.optional(),
    firstTimestamp: may.time,
    lastTimestamp: may.time,
    count: may.int32,
    type: may.string,
    eventTime: may.microTime,
    series: objectType(
      core("EventSeries"),
      { count: may.int32, lastObservedTime: may.microTime },
      "How often an event has happened, and when last.",
    ).optional(),
    action: may.string,
    related: objectReferenceSchema.optional(),
    reportingComponent: is.stringFilledIn,
    reportingInstance: is.stringFilledIn,
  },
  "Something that happened to an object.",
);
export type CoreEvent = z.infer<typeof coreEventSchema>;

/** The same stored objects under newer names. */
export const newStyleEventSchema = objectType(
  events("Event"),
  {
    ...typedObjectShape,
    eventTime: may.microTime,
    series: objectType(
      events("EventSeries"),
      { count: is.int32, lastObservedTime: may.microTime },
      "How often an event has happened, and when last.",
    ).optional(),
    reportingController: may.string,
    reportingInstance: may.string,
    action: may.string,
    reason: may.string,
    regarding: objectReferenceSchema.optional(),
    related: objectReferenceSchema.optional(),
    note: may.string,
    type: may.string,
    deprecatedSource: eventSourceSchema.optional(),
    deprecatedFirstTimestamp: may.time,
    deprecatedLastTimestamp: may.time,
    deprecatedCount: may.int32,
  },
  "Something that happened to an object.",
);
export type NewStyleEvent = z.infer<typeof newStyleEventSchema>;
