import type { z } from "zod";
import { equalJson, isJsonObject } from "../json.ts";
import { type FieldSet, fieldSet, noFields, oneField } from "./field-set.ts";
import { keyedElement, type Structure, structureOf, valueElement } from "./structure.ts";

export interface Comparison {
  /** Fields that are new, or have another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

const same: Comparison = { changed: noFields, removed: noFields };

/** What differs between two values of one type (structured-merge-diff typed/compare.go). */
export function compareFields(before: unknown, after: unknown, schema: z.core.$ZodTypes): Comparison {
  if (before === undefined && after === undefined) return same;
  const structure = structureOf(schema);
  // What comes or goes as a whole does so itself, too.
  if (before === undefined)
    return { changed: withSelf(compareIn(structure, emptyOf(structure), after).changed), removed: noFields };
  if (after === undefined)
    return { changed: noFields, removed: withSelf(compareIn(structure, before, emptyOf(structure)).removed) };
  return compareIn(structure, before, after);
}

const withSelf = (fields: FieldSet): FieldSet => ({ ...fields, member: true });
const emptyOf = ({ kind }: Structure) => (kind === "set" || kind === "keyed" ? [] : {});

function compareIn(structure: Structure, before: unknown, after: unknown): Comparison {
  switch (structure.kind) {
    case "leaf":
      return equalJson(before, after) ? same : { changed: oneField, removed: noFields };
    case "fields":
      return compareParts(partsOf(before), partsOf(after), (name) => structure.field(name.slice(2)));
    case "map":
      return compareParts(partsOf(before), partsOf(after), () => structure.value);
    case "set":
      return compareParts(valuesOf(before), valuesOf(after), () => undefined);
    case "keyed":
      return compareParts(itemsOf(before, structure.keys), itemsOf(after, structure.keys), () => structure.item);
  }
}

type Parts = ReadonlyMap<string, unknown>;

function compareParts(
  before: Parts,
  after: Parts,
  schemaOf: (element: string) => z.core.$ZodTypes | undefined,
): Comparison {
  const elements = new Set([...before.keys(), ...after.keys()]);
  const pairs = [...elements].map((element) => {
    const schema = schemaOf(element);
    const [one, other] = [before.get(element), after.get(element)];
    return [element, schema ? compareFields(one, other, schema) : compareValues(one, other)] as const;
  });
  return {
    changed: fieldSet(
      false,
      pairs.map(([element, { changed }]) => [element, changed] as const),
    ),
    removed: fieldSet(
      false,
      pairs.map(([element, { removed }]) => [element, removed] as const),
    ),
  };
}

function compareValues(before: unknown, after: unknown): Comparison {
  if (after === undefined) return { changed: noFields, removed: oneField };
  return equalJson(before, after) ? same : { changed: oneField, removed: noFields };
}

function partsOf(value: unknown): Parts {
  return new Map(isJsonObject(value) ? Object.entries(value).map(([name, child]) => [`f:${name}`, child]) : []);
}

function valuesOf(value: unknown): Parts {
  return new Map(Array.isArray(value) ? value.map((item) => [valueElement(item), item]) : []);
}

function itemsOf(value: unknown, keys: readonly string[]): Parts {
  return new Map(Array.isArray(value) ? value.map((item) => [keyedElement(item, keys), item]) : []);
}
