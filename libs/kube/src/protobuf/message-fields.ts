import type { z } from "zod";
import { metaOf } from "../schema/fields.ts";
import { required } from "../schema/walk.ts";
import { fieldPlaces } from "./field-numbers.ts";

/** What a field number means in a message: a field of the object, or an embedded struct with fields of its own. */
export type MessageField =
  | { readonly kind: "field"; readonly name: string; readonly schema: z.core.$ZodTypes; readonly dropsZero: boolean }
  | { readonly kind: "embedded"; readonly fields: MessageFields };

export type MessageFields = ReadonlyMap<number, MessageField>;

const known = new WeakMap<z.core.$ZodType, MessageFields>();

/** The fields of an object type by number; undefined where its protobuf form is not known. */
export function messageFields(schema: z.core.$ZodType): MessageFields | undefined {
  const cached = known.get(schema);
  if (cached) return cached;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const places = fieldPlaces(metaOf(schema).typeName ?? "");
  if (def.type !== "object" || !places) return undefined;
  const fields = new Map<number, MessageField>();
  for (const { name, path, dropsZero } of places) {
    const field = def.shape[name];
    // What our schema does not have is passed over, as an unknown number is.
    if (field) place(fields, path, { kind: "field", name, schema: required(field), dropsZero });
  }
  known.set(schema, fields);
  return fields;
}

function place(fields: Map<number, MessageField>, [number = 0, ...rest]: readonly number[], field: MessageField): void {
  if (rest.length === 0) {
    fields.set(number, field);
    return;
  }
  const embedded = fields.get(number);
  const inner = embedded?.kind === "embedded" ? new Map(embedded.fields) : new Map<number, MessageField>();
  place(inner, rest, field);
  fields.set(number, { kind: "embedded", fields: inner });
}
