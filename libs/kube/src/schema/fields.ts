import { z } from "zod";

/**
 * What zod cannot say about a field: how Kubernetes writes it, merges it and calls it. The decoder, the patches
 * and OpenAPI all read it from the schemas through this registry, so a kind is described once.
 */
export interface FieldMeta {
  /** OpenAPI's name of an object type: "io.k8s.api.core.v1.Pod". */
  readonly typeName?: string;
  readonly format?: ScalarFormat;
  readonly description?: string;
  /** Lists of objects that merge by this key in a strategic merge patch. */
  readonly mergeKey?: string;
  readonly patchStrategy?: "merge" | "retainKeys" | "merge,retainKeys";
  /** Keys of the map that a server-side apply sees in this list, when they differ from mergeKey. */
  readonly listMapKeys?: readonly string[];
  /** The decoder fills Go's zero value, so the field is always there, but a client may leave it out. */
  readonly mayBeLeftOut?: true;
  /** A pointer in Go: an empty text means something else than none. */
  readonly keepsEmpty?: true;
}

export type ScalarFormat =
  | "int32"
  | "int64"
  | "double"
  | "byte"
  | "quantity"
  | "int-or-string"
  | "date-time"
  | "micro-time"
  | "raw-object";

export const fieldMeta = z.registry<FieldMeta>();

export function metaOf(schema: z.core.$ZodType): FieldMeta {
  return fieldMeta.get(schema) ?? {};
}

const int32 = z.number().register(fieldMeta, { format: "int32" });
const int64 = z.number().register(fieldMeta, { format: "int64" });
/** Canonical as Kubernetes stores it ("500m", "1Gi"); a client may also write a number. */
const quantity = z.string().register(fieldMeta, { format: "quantity" });
const intOrString = z.union([z.int(), z.string()]).register(fieldMeta, { format: "int-or-string" });
/** RFC 3339 in UTC with whole seconds. */
const time = z.string().register(fieldMeta, { format: "date-time" });
/** RFC 3339 in UTC with microseconds. */
const microTime = z.string().register(fieldMeta, { format: "micro-time" });
/** Standard base64. */
const bytes = z.string().register(fieldMeta, { format: "byte" });
const rawObject = z.record(z.string(), z.unknown()).register(fieldMeta, { format: "raw-object" });
const string = z.string();
const boolean = z.boolean();
const strings = z.array(string);
const stringMap = z.record(z.string(), z.string());

/** Fields that are always there. The instances are shared: a zod schema costs kilobytes. */
export const is = {
  string,
  boolean,
  int32,
  int64,
  quantity,
  intOrString,
  time,
  microTime,
  bytes,
  strings,
  stringMap,
  rawObject,
  stringFilledIn: z.string().register(fieldMeta, { mayBeLeftOut: true }),
} as const;

/** Fields that may be absent. */
export const may = {
  string: string.optional(),
  boolean: boolean.optional(),
  int32: int32.optional(),
  int64: int64.optional(),
  quantity: quantity.optional(),
  intOrString: intOrString.optional(),
  time: time.optional(),
  microTime: microTime.optional(),
  bytes: bytes.optional(),
  strings: strings.optional(),
  mergedStrings: z.array(string).register(fieldMeta, { patchStrategy: "merge" }).optional(),
  stringMap: stringMap.optional(),
  bytesMap: z.record(z.string(), bytes).optional(),
  resourceList: z.record(z.string(), quantity).optional(),
  rawObject: rawObject.optional(),
  stringOrEmpty: z.string().register(fieldMeta, { keepsEmpty: true }).optional(),
} as const;

/**
 * An object type. Unknown fields are the decoder's business (Strict, Warn or Ignore); zod refuses them.
 * `mayBeLeftOut`: typed as always there because the decoder fills it in, but a client need not send it.
 */
export function objectType<S extends z.core.$ZodLooseShape>(
  typeName: string,
  shape: S,
  description?: string,
  more?: Pick<FieldMeta, "mayBeLeftOut">,
) {
  return z
    .strictObject(shape)
    .register(fieldMeta, { typeName, ...(description === undefined ? {} : { description }), ...more });
}

/** A list that a strategic merge patch replaces as a whole. */
export function listOf<T extends z.core.SomeType>(item: T) {
  return z.array(item);
}

/** A list whose items a strategic merge patch matches by `mergeKey`. */
export function listBy<T extends z.core.SomeType>(mergeKey: string, item: T, listMapKeys?: readonly string[]) {
  return z
    .array(item)
    .register(fieldMeta, { mergeKey, patchStrategy: "merge", ...(listMapKeys === undefined ? {} : { listMapKeys }) });
}

/** As listBy, and a patch may say with $retainKeys which fields of an item stay. */
export function listByRetaining<T extends z.core.SomeType>(mergeKey: string, item: T) {
  return z.array(item).register(fieldMeta, { mergeKey, patchStrategy: "merge,retainKeys" });
}
