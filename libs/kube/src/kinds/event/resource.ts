import { annotations } from "../../constants.ts";
import { defineResource } from "../../define-resource.ts";
import type { TableColumn } from "../../resource-definition.ts";
import { nameColumn } from "../../table/columns.ts";
import { ageOf } from "../../table/human-duration.ts";
import { type FieldError, invalid } from "../../validation/field-error.ts";
import { dnsSubdomainProblems } from "../../validation/formats.ts";
import { type CoreEvent, coreEventSchema } from "./schema.ts";

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
  return name === "" ? kind : `${kind.toLowerCase()}/${name}`;
}

function sourceOf(event: CoreEvent): string {
  const component = event.source?.component ?? event.reportingComponent ?? "";
  const host = event.source?.host ?? event.reportingInstance ?? "";
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

/** An event lives where its object lives; those of cluster-wide objects in "default". */
function validateEvent(event: CoreEvent): FieldError[] {
  const { namespace } = event.metadata;
  const involved = event.involvedObject.namespace ?? "";
  const matches = involved === "" ? namespace === "default" || namespace === "kube-system" : involved === namespace;
  return matches ? [] : [invalid("involvedObject.namespace", involved, "does not match event.namespace")];
}

export const events = defineResource<CoreEvent>({
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  namespaced: true,
  schema: coreEventSchema,
  nameProblems: dnsSubdomainProblems,
  validate: validateEvent,
  selectableFields: (event) => ({
    "involvedObject.kind": event.involvedObject.kind ?? "",
    "involvedObject.namespace": event.involvedObject.namespace ?? "",
    "involvedObject.name": event.involvedObject.name ?? "",
    "involvedObject.uid": event.involvedObject.uid ?? "",
    "involvedObject.apiVersion": event.involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": event.involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": event.involvedObject.fieldPath ?? "",
    reason: event.reason ?? "",
    reportingComponent: event.reportingComponent ?? "",
    source: event.source?.component ?? event.reportingComponent ?? "",
    type: event.type ?? "",
  }),
  // In the order in which things happened: kubectl sorts by whole seconds and keeps this order within one.
  listOrder: (event) =>
    Number(event.metadata.annotations?.[annotations.countedUntil]) || Date.parse(lastSeen(event) ?? "") || 0,
  columns: eventColumns,
});
