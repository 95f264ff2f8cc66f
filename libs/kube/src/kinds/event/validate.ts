import { equalJson } from "../../json.ts";
import { type FieldError, invalid, required } from "../../validation/field-error.ts";
import { qualifiedNameProblems } from "../../validation/formats.ts";
import { immutable } from "../../validation/object-meta.ts";
import type { CoreEvent } from "./schema.ts";

// pkg/apis/core/validation/events.go. Fields are named as the core kind names them, by whichever face they came.

const longest = { reportingInstance: 128, action: 128, reason: 128, message: 1024 } as const;

function tooLong(field: keyof typeof longest, value: string): FieldError[] {
  const limit = longest[field];
  return Buffer.byteLength(value) > limit ? [invalid(field, "", `can have at most ${limit} characters`)] : [];
}

function missing(field: string, value: string | undefined): FieldError[] {
  return value === undefined || value === "" ? [required(field)] : [];
}

/** An event lives where its object lives; those of cluster-wide objects in "default". */
function validateNamespace({ metadata, involvedObject, eventTime }: CoreEvent): FieldError[] {
  const involved = involvedObject.namespace ?? "";
  const here = metadata.namespace ?? "";
  const isNew = eventTime !== undefined;
  const forClusterWide = here === "default" || (isNew && here === "kube-system");
  const matches = involved === "" ? forClusterWide : isNew || involved === here;
  return matches ? [] : [invalid("involvedObject.namespace", involved, "does not match event.namespace")];
}

/** What holds of every event. One with an eventTime is of the new kind and says more. */
export function validateEvent(event: CoreEvent): FieldError[] {
  const namespace = validateNamespace(event);
  if (event.eventTime === undefined) return namespace;
  const { reportingComponent, reportingInstance, action = "", reason = "", message = "" } = event;
  return [
    ...namespace,
    ...missing("reportingController", reportingComponent),
    ...qualifiedNameProblems(reportingComponent).map((one) => invalid("reportingController", reportingComponent, one)),
    ...missing("reportingInstance", reportingInstance),
    ...tooLong("reportingInstance", reportingInstance),
    ...missing("action", action),
    ...tooLong("action", action),
    ...missing("reason", reason),
    ...tooLong("reason", reason),
    ...tooLong("message", message),
  ];
}

function validateSeries({ series }: CoreEvent): FieldError[] {
  if (series === undefined) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalid("series.count", "", "should be at least 2")] : []),
    ...missing("series.lastObservedTime", series.lastObservedTime),
  ];
}

/** What events.k8s.io/v1 asks of a new event besides. */
export function validateNewStyleEvent(event: CoreEvent): FieldError[] {
  const { type = "", source = {}, count = 0 } = event;
  const unset = (field: string, isSet: boolean) => (isSet ? [invalid(field, "", "needs to be unset")] : []);
  return [
    ...validateSeries(event),
    ...missing("eventTime", event.eventTime),
    ...(type === "Normal" || type === "Warning" ? [] : [invalid("type", "", `has invalid value: ${type}`)]),
    ...unset("firstTimestamp", event.firstTimestamp !== undefined),
    ...unset("lastTimestamp", event.lastTimestamp !== undefined),
    ...unset("count", count !== 0),
    ...unset("source", (source.component ?? "") !== "" || (source.host ?? "") !== ""),
  ];
}

/** Through events.k8s.io/v1 only the series of an event may change. */
const fixedFields = [
  ["involvedObject", "involvedObject"],
  ["reason", "reason"],
  ["message", "message"],
  ["source", "source"],
  ["firstTimestamp", "firstTimestamp"],
  ["lastTimestamp", "lastTimestamp"],
  ["count", "count"],
  ["type", "type"],
  ["eventTime", "eventTime"],
  ["action", "action"],
  ["related", "related"],
  ["reportingController", "reportingComponent"],
  ["reportingInstance", "reportingInstance"],
] as const;

export function validateNewStyleEventUpdate(next: CoreEvent, previous: CoreEvent): FieldError[] {
  return [
    ...(equalJson(next.series, previous.series) ? [] : validateSeries(next)),
    ...fixedFields.flatMap(([field, name]) => immutable(field, next[name], previous[name])),
  ];
}
