import type { z } from "zod";
import { isJsonObject } from "../json.ts";
import { type FieldSet, fieldSet, noFields, oneField, union } from "./field-set.ts";
import { keyedElement, structureOf, valueElement } from "./structure.ts";

/** All fields that a value sets (structured-merge-diff typed/tofieldset.go). */
export function fieldsOf(value: unknown, schema: z.core.$ZodTypes): FieldSet {
  const structure = structureOf(schema);
  if (value === undefined) return noFields;
  if (value === null || structure.kind === "leaf") return oneField;
  switch (structure.kind) {
    case "fields":
      if (!isJsonObject(value)) return oneField;
      return fieldSet(
        isEmptyObject(value),
        Object.entries(value).map(([name, child]) => {
          const field = structure.field(name);
          return [`f:${name}`, field ? fieldsOf(child, field) : noFields] as const;
        }),
      );
    case "map":
      if (!isJsonObject(value)) return oneField;
      // A key belongs to who has set it, whatever is below.
      return fieldSet(
        isEmptyObject(value),
        Object.entries(value).map(
          ([name, child]) => [`f:${name}`, union(oneField, fieldsOf(child, structure.value))] as const,
        ),
      );
    case "set":
      return fieldSet(
        false,
        asList(value).map((item) => [valueElement(item), oneField] as const),
      );
    case "keyed":
      return fieldSet(
        false,
        asList(value).map((item) => {
          const element = keyedElement(item, structure.keys);
          return [element, union(oneField, fieldsOf(item, structure.item))] as const;
        }),
      );
  }
}

const isEmptyObject = (value: object) => Object.keys(value).length === 0;

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
