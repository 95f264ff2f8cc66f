import type { z } from "zod";
import { formatTime } from "../decode/time.ts";
import { equalJson } from "../json.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import type { KubeObject, ObjectMeta } from "../schema/meta.ts";
import { compareFields } from "./compare.ts";
import {
  type FieldSet,
  fromFieldsV1,
  intersect,
  isEmptySet,
  noFields,
  oneField,
  placesOf,
  printPlace,
  subtract,
  toFieldsV1,
  union,
  withParents,
} from "./field-set.ts";
import { fieldsOf } from "./fields-of.ts";
import { mergeFields, removeFields } from "./merge-fields.ts";

// apimachinery/pkg/util/managedfields and sigs.k8s.io/structured-merge-diff merge/update.go, for one version of each kind.

export type Row = Pick<ResourceDefinition, "group" | "version" | "kind" | "schema">;

/** Who writes, and how. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  /** "" for the object itself. */
  readonly subresource: string;
}

type Entry = NonNullable<ObjectMeta["managedFields"]>[number];

interface Owned {
  readonly entry: Entry;
  readonly fields: FieldSet;
}

/** Only the newest managers that update are kept apart; the older ones become this one. */
const ancient = "ancient-changes";
const mostUpdaters = 10;

/** What nobody owns: identity, and what the system itself keeps (managedfields/internal/stripmeta.go). */
const untracked: FieldSet = {
  member: false,
  children: new Map([
    ["f:apiVersion", oneField],
    ["f:kind", oneField],
    [
      "f:metadata",
      {
        member: true,
        children: new Map(
          [
            ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "resourceVersion", "generation"],
            ...["managedFields", "deletionTimestamp", "deletionGracePeriodSeconds"],
          ].map((name) => [`f:${name}`, oneField] as const),
        ),
      },
    ],
  ]),
};

const schemaOf = ({ schema }: Row) => schema as unknown as z.core.$ZodTypes;

function withoutUntracked(fields: FieldSet): FieldSet {
  const kept = subtract(fields, untracked);
  const children = [...kept.children].filter(([element]) => element !== "f:apiVersion" && element !== "f:kind");
  return { member: false, children: new Map(children) };
}

/** The object with its managedFields as they are after `manager` has made `next` of `previous` (a create has none). */
export function trackUpdate<T extends KubeObject>(
  row: Row,
  change: {
    readonly previous?: KubeObject | undefined;
    readonly next: T;
    readonly given?: ObjectMeta["managedFields"];
  },
  by: { readonly manager: Manager; readonly nowMs: number },
): T {
  const { previous, next, given } = change;
  const { changed, removed } = compareFields(bare(previous), bare(next), schemaOf(row));
  const taken = withoutUntracked(changed);
  const gone = withoutUntracked(removed);
  const owners = readOwners(given ?? previous?.metadata.managedFields).map((owner) =>
    isOf(row, owner.entry, by.manager)
      ? { ...owner, fields: subtract(union(owner.fields, taken), gone) }
      : { ...owner, fields: subtract(subtract(owner.fields, taken), gone) },
  );
  const known = owners.some(({ entry }) => isOf(row, entry, by.manager));
  const all = known ? owners : [...owners, { entry: newEntry(row, by.manager), fields: taken }];
  return withOwners(next, capped(all), { ...by, before: given ?? previous?.metadata.managedFields });
}

export type Applied<T> =
  | { readonly kind: "object"; readonly object: T; readonly managedFields: ObjectMeta["managedFields"] }
  | { readonly kind: "conflict"; readonly conflicts: readonly Conflict[] };

export interface Conflict {
  /** As conflicts print it: `"kubectl-edit" using v1`. */
  readonly manager: string;
  readonly field: string;
}

/**
 * Server-side apply: `applied` is all that this manager wants to be responsible for. What it no longer names, and nobody
 * else does, goes. What others have set to another value is a conflict, unless it is taken by force.
 */
export function applyFields(
  row: Row,
  { live, applied }: { readonly live: KubeObject; readonly applied: KubeObject },
  by: { readonly manager: Manager; readonly nowMs: number; readonly force: boolean },
): Applied<KubeObject> {
  const schema = schemaOf(row);
  const wanted = withoutUntracked(fieldsOf(bare(applied), schema));
  const owners = readOwners(live.metadata.managedFields);
  const own = owners.find(({ entry }) => isOf(row, entry, by.manager));
  const others = owners.filter((owner) => owner !== own);
  const elsewhere = others.reduce<FieldSet>((set, { fields }) => union(set, fields), noFields);
  const dropped = subtract(subtract(own?.fields ?? noFields, withParents(wanted)), withParents(elsewhere));
  const merged = mergeFields(bare(live), bare(applied), schema);
  const object = { ...(removeFields(merged, dropped, schema) as KubeObject) };
  const { changed, removed } = compareFields(bare(live), object, schema);
  const taken = withoutUntracked(changed);
  const conflicts = others.flatMap(({ entry, fields }) =>
    placesOf(intersect(fields, taken)).map((place) => ({ manager: printManager(entry), field: printPlace(place) })),
  );
  if (conflicts.length > 0 && !by.force) return { kind: "conflict", conflicts };
  const gone = withoutUntracked(removed);
  const kept = others.map((owner) => ({ ...owner, fields: subtract(subtract(owner.fields, taken), gone) }));
  const entry = own?.entry ?? newEntry(row, by.manager);
  const next = withOwners(object, [...kept, { entry, fields: wanted }], { ...by, before: live.metadata.managedFields });
  return { kind: "object", object, managedFields: next.metadata.managedFields };
}

/** The object without its managedFields: they are about it, and no part of it. */
function bare(object: KubeObject | undefined): object | undefined {
  if (object === undefined) return undefined;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Entries that cannot be read are given up, as in Kubernetes. */
function readOwners(entries: ObjectMeta["managedFields"]): Owned[] {
  return (entries ?? []).flatMap((entry) => {
    if (!entry.manager || !entry.operation || entry.fieldsType !== "FieldsV1") return [];
    try {
      return [{ entry, fields: fromFieldsV1(entry.fieldsV1 ?? {}) }];
    } catch {
      return [];
    }
  });
}

const versionOf = ({ group, version }: Row) => (group === "" ? version : `${group}/${version}`);

function isOf(row: Row, entry: Entry, { name, operation, subresource }: Manager): boolean {
  return (
    entry.manager === name &&
    entry.operation === operation &&
    (entry.subresource ?? "") === subresource &&
    entry.apiVersion === versionOf(row)
  );
}

function newEntry(row: Row, { name, operation, subresource }: Manager): Entry {
  return {
    manager: name,
    operation,
    apiVersion: versionOf(row),
    fieldsType: "FieldsV1",
    ...(subresource === "" ? {} : { subresource }),
  };
}

function withOwners<T extends KubeObject>(
  object: T,
  owners: readonly Owned[],
  { nowMs, before }: { readonly nowMs: number; readonly before: ObjectMeta["managedFields"] },
): T {
  const entries = owners.filter(({ fields }) => !isEmptySet(fields)).map((owner) => timed(owner, nowMs, before ?? []));
  // Those who apply come first, then the others, each by time (managedfields/internal/managedfields.go sortEncodedManagedFields).
  const sorted = entries.sort((a, b) => rank(a) - rank(b) || compare(a.time, b.time) || compare(a.manager, b.manager));
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: sorted.length === 0 ? metadata : { ...metadata, managedFields: sorted } };
}

const rank = ({ operation }: Entry) => (operation === "Apply" ? 0 : 1);
const compare = (a = "", b = "") => (a < b ? -1 : a > b ? 1 : 0);

/** The time changes only with the fields. */
function timed({ entry, fields }: Owned, nowMs: number, before: NonNullable<ObjectMeta["managedFields"]>): Entry {
  const fieldsV1 = toFieldsV1(fields);
  const same = before.find((each) => isSameEntry(each, entry) && equalJson(each.fieldsV1, fieldsV1));
  return same ?? { ...entry, time: formatTime(nowMs), fieldsV1: { ...fieldsV1 } };
}

const isSameEntry = (a: Entry, b: Entry) =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.apiVersion === b.apiVersion &&
  a.subresource === b.subresource;

function capped(owners: readonly Owned[]): readonly Owned[] {
  const updaters = owners.filter(({ entry }) => entry.operation === "Update");
  if (updaters.length <= mostUpdaters) return owners;
  const oldest = [...updaters].sort((a, b) => compare(a.entry.time ?? "9", b.entry.time ?? "9"));
  const merged = oldest.slice(0, updaters.length - mostUpdaters + 1);
  const [first] = merged;
  if (!first) return owners;
  const { time, ...entry } = first.entry;
  const fields = merged.reduce<FieldSet>((set, owner) => union(set, owner.fields), noFields);
  const rest = owners.filter((owner) => !merged.includes(owner));
  return [...rest, { entry: { ...entry, manager: ancient, ...(time ? { time } : {}) }, fields }];
}

function printManager({ manager = "", operation, apiVersion = "", subresource }: Entry): string {
  const name = JSON.stringify(manager);
  const which = subresource ? `${name} with subresource ${JSON.stringify(subresource)}` : name;
  return operation === "Update" ? `${which} using ${apiVersion}` : which;
}

/** apimachinery/pkg/util/managedfields/internal/conflict.go getConflictMessage */
export function conflictMessage(conflicts: readonly Conflict[]): string {
  const [only, ...more] = conflicts;
  if (only && more.length === 0) return `Apply failed with 1 conflict: conflict with ${only.manager}: ${only.field}`;
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort();
  const lines = managers.flatMap((manager) => [
    `conflicts with ${manager}:`,
    ...conflicts.filter((each) => each.manager === manager).map(({ field }) => `- ${field}`),
  ]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}
