import type { KubeObject } from "../../schema/meta.ts";
import type { CoreEvent, NewStyleEvent } from "./schema.ts";

// pkg/apis/events/v1/conversion.go: the two kinds differ in names only.

const names: readonly (readonly [core: keyof CoreEvent, newStyle: keyof NewStyleEvent])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
];
const toNewStyleNames: ReadonlyMap<string, string> = new Map(names);
const toCoreNames: ReadonlyMap<string, string> = new Map(names.map(([core, newStyle]) => [newStyle, core]));

/** Fields that only one of the kinds leaves out when they are empty. */
const reporter: ReadonlySet<string> = new Set(["reportingComponent", "reportingInstance"]);

function renamed(object: object, by: ReadonlyMap<string, string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [by.get(name) ?? name, value]));
}

export function toCoreEvent(event: NewStyleEvent): CoreEvent {
  return {
    involvedObject: {},
    reportingComponent: "",
    reportingInstance: "",
    ...renamed(event, toCoreNames),
    apiVersion: "v1",
    kind: event.kind,
    metadata: event.metadata,
  };
}

export function toNewStyleEvent(stored: KubeObject): NewStyleEvent {
  const { series, ...event } = stored as CoreEvent;
  const said = Object.entries(event).filter(([name, value]) => !(reporter.has(name) && value === ""));
  return {
    ...renamed(Object.fromEntries(said), toNewStyleNames),
    ...(series === undefined ? {} : { series: { ...series, count: series.count ?? 0 } }),
    apiVersion: "events.k8s.io/v1",
    kind: stored.kind,
    metadata: stored.metadata,
  };
}
