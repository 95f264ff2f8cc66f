import type { z } from "zod";
import { defineOwn, isJsonObject } from "../json.ts";
import { type FieldSet, noFields } from "./field-set.ts";
import { keyedElement, structureOf, valueElement } from "./structure.ts";

/** The live value with what was applied laid over it (structured-merge-diff typed/merge.go). */
export function mergeFields(live: unknown, applied: unknown, schema: z.core.$ZodTypes): unknown {
  if (applied === undefined) return live;
  if (live === undefined || live === null || applied === null) return applied;
  const structure = structureOf(schema);
  switch (structure.kind) {
    case "leaf":
      return applied;
    case "fields":
    case "map": {
      if (!isJsonObject(live) || !isJsonObject(applied)) return applied;
      const merged: Record<string, unknown> = { ...live };
      for (const [name, value] of Object.entries(applied)) {
        const field = structure.kind === "map" ? structure.value : structure.field(name);
        const own = Object.hasOwn(live, name) ? live[name] : undefined;
        defineOwn(merged, name, field ? mergeFields(own, value, field) : value);
      }
      return merged;
    }
    case "set":
      return mergeLists(live, applied, valueElement, (_own, item) => item);
    case "keyed":
      return mergeLists(
        live,
        applied,
        (item) => keyedElement(item, structure.keys),
        (own, item) => mergeFields(own, item, structure.item),
      );
  }
}

/** Items that are there keep their places; new ones come after them. */
function mergeLists(
  live: unknown,
  applied: unknown,
  elementOf: (item: unknown) => string,
  merge: (own: unknown, item: unknown) => unknown,
): unknown {
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied;
  const wanted = new Map(applied.map((item) => [elementOf(item), item]));
  const there = new Set(live.map(elementOf));
  const kept = live.map((item) => {
    const element = elementOf(item);
    return wanted.has(element) ? merge(item, wanted.get(element)) : item;
  });
  return [...kept, ...applied.filter((item) => !there.has(elementOf(item)))];
}

/** A value without the places in `fields`, and without what is left empty by that. */
export function removeFields(value: unknown, fields: FieldSet, schema: z.core.$ZodTypes): unknown {
  if (fields.children.size === 0) return value;
  const structure = structureOf(schema);
  const childOf = (element: string) => fields.children.get(element) ?? noFields;
  switch (structure.kind) {
    case "leaf":
      return value;
    case "fields":
    case "map": {
      if (!isJsonObject(value)) return value;
      const left = Object.entries(value).flatMap(([name, own]): [string, unknown][] => {
        const child = childOf(`f:${name}`);
        const field = structure.kind === "map" ? structure.value : structure.field(name);
        if (isRemoved(child)) return [];
        const rest = field ? removeFields(own, child, field) : own;
        return rest === undefined ? [] : [[name, rest]];
      });
      return left.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(left);
    }
    case "set":
      return listOrNothing(asList(value).filter((item) => !childOf(valueElement(item)).member));
    case "keyed":
      return listOrNothing(
        asList(value).flatMap((item) => {
          const child = childOf(keyedElement(item, structure.keys));
          if (isRemoved(child)) return [];
          const rest = removeFields(item, child, structure.item);
          return rest === undefined ? [] : [rest];
        }),
      );
  }
}

/** A place goes with all that is below it, unless only something below it goes. */
const isRemoved = ({ member }: FieldSet) => member;

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const listOrNothing = (items: readonly unknown[]) => (items.length === 0 ? undefined : items);
