import { annotations } from "../../constants.ts";
import { defineResource } from "../../define-resource.ts";
import type { TableColumn } from "../../resource-definition.ts";
import type { ObjectReference } from "../../schema/references.ts";
import { nameColumn } from "../../table/columns.ts";
import { ageOf } from "../../table/human-duration.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { toCoreEvent, toNewStyleEvent } from "./conversion.ts";
import { type CoreEvent, coreEventSchema, type NewStyleEvent, newStyleEventSchema } from "./schema.ts";
import { validateEvent, validateNewStyleEvent, validateNewStyleEventUpdate } from "./validate.ts";

// pkg/printers/internalversion/printers.go printEvent

function firstSeen(event: CoreEvent): string | undefined {
  return event.firstTimestamp ?? event.eventTime;
}

function lastSeen(event: CoreEvent): string | undefined {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen(event);
}

function countOf(event: CoreEvent): number {
  return event.series?.count ?? (event.count === undefined || event.count === 0 ? 1 : event.count);
}

function objectOf({ involvedObject: { kind = "", name = "" } }: CoreEvent): string {
  return name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function firstSaid(...texts: readonly (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== "") ?? "";
}

function sourceOf(event: CoreEvent): string {
  const component = firstSaid(event.source?.component, event.reportingComponent);
  const host = firstSaid(event.source?.host, event.reportingInstance);
  return host === "" ? component : `${component}, ${host}`;
}

export const eventColumns: readonly TableColumn<CoreEvent>[] = [
  {
    name: "Last Seen",
    type: "string",
    description: "When it happened last.",
    cell: (event, now) => ageOf(lastSeen(event), now),
  },
  { name: "Type", type: "string", description: "Normal or Warning.", cell: ({ type }) => type ?? "" },
  { name: "Reason", type: "string", description: "What happened, in one word.", cell: ({ reason }) => reason ?? "" },
  { name: "Object", type: "string", description: "What it happened to.", cell: objectOf },
  {
    name: "Subobject",
    type: "string",
    priority: 1,
    description: "The part of the object, such as a container.",
    cell: ({ involvedObject }) => involvedObject.fieldPath ?? "",
  },
  { name: "Source", type: "string", priority: 1, description: "Who reports it.", cell: sourceOf },
  {
    name: "Message",
    type: "string",
    description: "What happened, for people.",
    cell: ({ message }) => (message ?? "").trim(),
  },
  {
    name: "First Seen",
    type: "string",
    priority: 1,
    description: "When it happened first.",
    cell: (event, now) => ageOf(firstSeen(event), now),
  },
  { name: "Count", type: "string", priority: 1, description: "How often it happened.", cell: countOf },
  { ...nameColumn, priority: 1 },
];

function referenceFields(field: string, reference: ObjectReference): Record<string, string> {
  const names = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"] as const;
  return Object.fromEntries(names.map((name) => [`${field}.${name}`, reference[name] ?? ""]));
}

/** In the order in which things happened: kubectl sorts by whole seconds and keeps this order within one. */
function eventOrder(event: CoreEvent): number {
  return Number(event.metadata.annotations?.[annotations.countedUntil]) || Date.parse(lastSeen(event) ?? "") || 0;
}

export const events = defineResource<CoreEvent>({
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  namespaced: true,
  schema: coreEventSchema,
  nameProblems: dnsSubdomainProblems,
  validate: validateEvent,
  // pkg/registry/core/event/strategy.go ToSelectableFields
  selectableFields: (event) => ({
    ...referenceFields("involvedObject", event.involvedObject),
    reason: event.reason ?? "",
    reportingComponent: event.reportingComponent,
    source: firstSaid(event.source?.component, event.reportingComponent),
    type: event.type ?? "",
  }),
  listOrder: eventOrder,
  columns: eventColumns,
});

/** The same stored objects, under the names and the stricter rules of events.k8s.io. */
export const newStyleEvents = defineResource<NewStyleEvent>({
  group: "events.k8s.io",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  namespaced: true,
  schema: newStyleEventSchema,
  storedAs: { storageResource: events.storageResource, toStored: toCoreEvent, fromStored: toNewStyleEvent },
  nameProblems: dnsSubdomainProblems,
  validate: (event) => [...validateEvent(toCoreEvent(event)), ...validateNewStyleEvent(toCoreEvent(event))],
  validatesWholeUpdate: true,
  validateUpdate: (next, previous) => [
    ...validateEvent(toCoreEvent(next)),
    ...validateNewStyleEventUpdate(toCoreEvent(next), toCoreEvent(previous)),
  ],
  // pkg/apis/events/v1/conversion: AddFieldLabelConversionsForEvent
  selectableFields: (event) => ({
    ...referenceFields("regarding", event.regarding ?? {}),
    reason: event.reason ?? "",
    reportingController: event.reportingController ?? "",
    type: event.type ?? "",
  }),
  listOrder: (event) => eventOrder(toCoreEvent(event)),
  columns: eventColumns.map((column) => ({ ...column, cell: (event, now) => column.cell(toCoreEvent(event), now) })),
});
