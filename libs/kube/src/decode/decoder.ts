import { goQuote } from "@podbus/errors";
import type { z } from "zod";
import { defineOwn } from "../json.ts";
import { formatQuantity, quantityFormatError, tryParseQuantity } from "../quantity/quantity.ts";
import { type FieldMeta, metaOf } from "../schema/fields.ts";
import { canonicalMicroTime, canonicalTime } from "./time.ts";

/** Says in Go's words why a value does not fit its field. */
export class DecodeProblem extends Error {}

interface Context {
  /** Field names and list indices down to the current value. */
  readonly path: (string | number)[];
  readonly unknownFields: string[];
}

type Decode = (value: unknown, context: Context, struct: string) => unknown;

interface Field {
  readonly decode: Decode;
  readonly optional: boolean;
  /** Empty text, lists and maps are left out, as Go's omitempty does. */
  readonly dropsEmpty: boolean;
}

interface Compiled {
  readonly decode: Decode;
  /** What Go would have in a field that nobody set; undefined when the field is a pointer or omitted. */
  readonly zero: () => unknown;
}

const compiledSchemas = new WeakMap<z.core.$ZodType, Compiled>();

function shortName(typeName: string | undefined): string {
  return typeName?.slice(typeName.lastIndexOf(".") + 1) ?? "struct";
}

function innerOf(schema: z.core.$ZodType): { inner: z.core.$ZodType; optional: boolean } {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === "optional" ? { inner: def.innerType, optional: true } : { inner: schema, optional: false };
}

/** The Go type as it stands in encoding/json's messages. */
export function goTypeOf(schema: z.core.$ZodType): string {
  const { inner } = innerOf(schema);
  const { def } = (inner as z.core.$ZodTypes)._zod;
  const { format, typeName } = metaOf(inner);
  switch (def.type) {
    case "object":
      return `v1.${shortName(typeName)}`;
    case "array":
      return `[]${goTypeOf(def.element)}`;
    case "record":
      return `map[string]${goTypeOf(def.valueType)}`;
    case "number":
      return format === "double" ? "float64" : (format ?? "int64");
    case "boolean":
      return "bool";
    default:
      return format === "byte" ? "[]uint8" : "string";
  }
}

function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}

function printPath(path: readonly (string | number)[]): string {
  return path.filter((part) => typeof part === "string").join(".");
}

function printIndexedPath(path: readonly (string | number)[], last: string): string {
  let text = "";
  for (const part of path) text += typeof part === "number" ? `[${part}]` : `${text === "" ? "" : "."}${part}`;
  return text === "" ? last : `${text}.${last}`;
}

function mismatch(found: string, type: string, context: Context, struct: string): DecodeProblem {
  const place =
    context.path.length === 0
      ? `Go value of type ${type}`
      : `Go struct field ${struct}.${printPath(context.path)} of type ${type}`;
  return new DecodeProblem(`json: cannot unmarshal ${found} into ${place}`);
}

function decodeString(value: unknown, context: Context, struct: string): unknown {
  if (typeof value !== "string") throw mismatch(jsonTypeOf(value), "string", context, struct);
  return value;
}

function decodeBoolean(value: unknown, context: Context, struct: string): unknown {
  if (typeof value !== "boolean") throw mismatch(jsonTypeOf(value), "bool", context, struct);
  return value;
}

function integerDecoder(type: "int32" | "int64"): Decode {
  const limit = type === "int32" ? 2 ** 31 : Number.MAX_SAFE_INTEGER + 1;
  return (value, context, struct) => {
    if (typeof value !== "number") throw mismatch(jsonTypeOf(value), type, context, struct);
    const fits = Number.isInteger(value) && value < limit && value >= -limit;
    if (!fits) throw mismatch(`number ${value}`, type, context, struct);
    return value;
  };
}

function decodeDouble(value: unknown, context: Context, struct: string): unknown {
  if (typeof value !== "number") throw mismatch(jsonTypeOf(value), "float64", context, struct);
  if (!Number.isFinite(value)) throw mismatch(`number ${value}`, "float64", context, struct);
  return value;
}

function decodeQuantity(value: unknown): unknown {
  if (typeof value !== "string" && typeof value !== "number") throw new DecodeProblem(quantityFormatError);
  const result = tryParseQuantity(String(value));
  if (!result.ok) throw new DecodeProblem(result.problem);
  return formatQuantity(result.quantity);
}

function decodeIntOrString(value: unknown, context: Context, struct: string): unknown {
  if (typeof value === "string") return value;
  return integerDecoder("int32")(value, context, struct);
}

function timeDecoder(canonical: (text: string) => string | undefined, layout: string): Decode {
  return (value, context, struct) => {
    if (typeof value !== "string") throw mismatch(jsonTypeOf(value), "string", context, struct);
    const time = canonical(value);
    if (time === undefined) {
      throw new DecodeProblem(`parsing time ${goQuote(value)} as "${layout}": cannot parse ${goQuote(value)}`);
    }
    return time;
  };
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

function decodeBytes(value: unknown, context: Context, struct: string): unknown {
  if (typeof value !== "string") throw mismatch(jsonTypeOf(value), "[]uint8", context, struct);
  const compact = value.replace(/[\r\n]/g, "");
  if (compact.length % 4 === 0 && base64.test(compact)) return compact;
  const wrongAt = compact.search(/[^A-Za-z0-9+/=]/);
  throw new DecodeProblem(
    `illegal base64 data at input byte ${wrongAt < 0 ? compact.length - (compact.length % 4) : wrongAt}`,
  );
}

function decodeRawObject(value: unknown, context: Context, struct: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw mismatch(jsonTypeOf(value), "map[string]interface {}", context, struct);
  }
  checkNumbers(value);
  return value;
}

/** JSON text may hold numbers that are too large for a float64; they could not be written again. */
function checkNumbers(value: unknown): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new DecodeProblem(`json: cannot unmarshal number ${value} into Go value of type float64`);
  }
  if (typeof value === "object" && value !== null) for (const child of Object.values(value)) checkNumbers(child);
}

const formatDecoders: Readonly<Record<NonNullable<FieldMeta["format"]>, Decode>> = {
  int32: integerDecoder("int32"),
  int64: integerDecoder("int64"),
  double: decodeDouble,
  byte: decodeBytes,
  quantity: decodeQuantity,
  "int-or-string": decodeIntOrString,
  "date-time": timeDecoder(canonicalTime, "2006-01-02T15:04:05Z07:00"),
  "micro-time": timeDecoder(canonicalMicroTime, "2006-01-02T15:04:05.000000Z07:00"),
  "raw-object": decodeRawObject,
};

function isEmpty(value: unknown): boolean {
  if (value === "") return true;
  return Array.isArray(value) && value.length === 0;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function arrayDecoder(schema: z.core.$ZodType, element: z.core.$ZodType): Decode {
  const type = goTypeOf(schema);
  const item = compile(element);
  return (value, context, struct) => {
    if (!Array.isArray(value)) throw mismatch(jsonTypeOf(value), type, context, struct);
    return value.map((one: unknown, index) => {
      context.path.push(index);
      const decoded = one === null ? item.zero() : item.decode(one, context, struct);
      context.path.pop();
      return decoded;
    });
  };
}

/** As defineOwn, and faster for all other keys. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") defineOwn(target, key, value);
  else target[key] = value;
}

function recordDecoder(schema: z.core.$ZodType, valueType: z.core.$ZodType): Decode {
  const type = goTypeOf(schema);
  const item = compile(valueType);
  return (value, context, struct) => {
    if (!isPlainObject(value)) throw mismatch(jsonTypeOf(value), type, context, struct);
    const decoded: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      context.path.push(key);
      const one = value[key];
      setOwn(decoded, key, one === null ? item.zero() : item.decode(one, context, struct));
      context.path.pop();
    }
    return decoded;
  };
}

function fieldOf(schema: z.core.$ZodType): Field {
  const { inner, optional } = innerOf(schema);
  const { def } = (inner as z.core.$ZodTypes)._zod;
  const dropsEmpty =
    optional &&
    (def.type === "string" || def.type === "array" || def.type === "record") &&
    metaOf(inner).keepsEmpty !== true;
  return { decode: compile(inner).decode, optional, dropsEmpty };
}

function objectDecoder(schema: z.core.$ZodType, shape: Readonly<Record<string, z.core.$ZodType>>): Compiled {
  const type = goTypeOf(schema);
  const struct = shortName(metaOf(schema).typeName);
  const fields = new Map(Object.entries(shape).map(([name, field]) => [name, fieldOf(field)]));
  const alwaysThere = Object.entries(shape)
    .filter(([, field]) => !innerOf(field).optional)
    .map(([name, field]) => ({ name, zero: compile(field).zero }));

  const fillIn = (decoded: Record<string, unknown>): Record<string, unknown> => {
    for (const { name, zero } of alwaysThere) if (decoded[name] === undefined) decoded[name] = zero();
    return decoded;
  };
  const decode: Decode = (value, context, outer) => {
    if (!isPlainObject(value)) throw mismatch(jsonTypeOf(value), type, context, outer);
    const decoded: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      const field = fields.get(key);
      if (field === undefined) context.unknownFields.push(printIndexedPath(context.path, key));
      else decodeField(field, key, value[key], decoded, context, struct);
    }
    return fillIn(decoded);
  };
  return { decode, zero: () => fillIn({}) };
}

function decodeField(
  field: Field,
  key: string,
  given: unknown,
  target: Record<string, unknown>,
  context: Context,
  struct: string,
): void {
  if (given === null || given === undefined) return;
  context.path.push(key);
  const decoded = field.decode(given, context, struct);
  context.path.pop();
  if (field.dropsEmpty && (isEmpty(decoded) || (isPlainObject(decoded) && Object.keys(decoded).length === 0))) return;
  target[key] = decoded;
}

function build(schema: z.core.$ZodType): Compiled {
  const { format } = metaOf(schema);
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (format !== undefined) {
    const zero = def.type === "number" ? 0 : format === "quantity" || format === "int-or-string" ? 0 : "";
    return { decode: formatDecoders[format], zero: () => (format === "quantity" ? "0" : zero) };
  }
  switch (def.type) {
    case "object":
      return objectDecoder(schema, def.shape);
    case "array":
      return { decode: arrayDecoder(schema, def.element), zero: () => [] };
    case "record":
      return { decode: recordDecoder(schema, def.valueType), zero: () => ({}) };
    case "string":
      return { decode: decodeString, zero: () => "" };
    case "boolean":
      return { decode: decodeBoolean, zero: () => false };
    default:
      throw new TypeError(`kinds may not use zod's ${def.type}`);
  }
}

function compile(schema: z.core.$ZodType): Compiled {
  const { inner } = innerOf(schema);
  const known = compiledSchemas.get(inner);
  if (known !== undefined) return known;
  const compiled = build(inner);
  compiledSchemas.set(inner, compiled);
  return compiled;
}

/**
 * Reads a JSON value by its zod schema: types checked in Go's words, amounts and times made canonical, Go's zero
 * values filled in, unknown fields dropped and named. Always gives a fresh value. Throws DecodeProblem.
 */
export function decodeValue(schema: z.core.$ZodType, value: unknown): { value: unknown; unknownFields: string[] } {
  const context: Context = { path: [], unknownFields: [] };
  const decoded = compile(schema).decode(value, context, "");
  return { value: decoded, unknownFields: context.unknownFields };
}
