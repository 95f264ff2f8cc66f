import type { z } from "zod";

/** The schema without `.optional()`. */
export function required(schema: z.core.$ZodType): z.core.$ZodTypes {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return (def.type === "optional" ? def.innerType : schema) as z.core.$ZodTypes;
}

/** The schema of a field of an object or of a map's values; undefined where nothing is known of it. */
export function fieldSchema(schema: z.core.$ZodType | undefined, key: string): z.core.$ZodTypes | undefined {
  if (!schema) return undefined;
  const { def } = required(schema)._zod;
  if (def.type === "record") return required(def.valueType);
  if (def.type !== "object") return undefined;
  const field = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
  return field && required(field);
}

/** The schema of a list's items. */
export function itemSchema(schema: z.core.$ZodType | undefined): z.core.$ZodTypes | undefined {
  if (!schema) return undefined;
  const { def } = required(schema)._zod;
  return def.type === "array" ? required(def.element) : undefined;
}
