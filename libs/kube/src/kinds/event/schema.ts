import type { z } from "zod";
import { may, objectType } from "../../schema/fields.ts";
import { typedObjectShape } from "../../schema/meta.ts";
import { objectReferenceSchema } from "../../schema/references.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;

export const coreEventSchema = objectType(
  core("Event"),
  {
    ...typedObjectShape,
    involvedObject: objectReferenceSchema,
    reason: may.string,
    message: may.string,
    source: objectType(core("EventSource"), { component: may.string, host: may.string }).optional(),
    firstTimestamp: may.time,
    lastTimestamp: may.time,
    count: may.int32,
    type: may.string,
    eventTime: may.microTime,
    series: objectType(core("EventSeries"), { count: may.int32, lastObservedTime: may.microTime }).optional(),
    action: may.string,
    related: objectReferenceSchema.optional(),
    reportingComponent: may.string,
    reportingInstance: may.string,
  },
  "Something that happened to an object.",
);
export type CoreEvent = z.infer<typeof coreEventSchema>;
