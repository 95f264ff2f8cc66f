import fc from "fast-check";
import type { z } from "zod";
import type { ResourceDefinition } from "../resource-definition.ts";
import { resources } from "../resources.ts";
import { type FieldMeta, metaOf } from "./fields.ts";
import { required } from "./walk.ts";

/** For tests. `asPatch`: with the nulls and directives of a strategic merge patch. */
export interface ArbitraryOptions {
  /** No two items of a list have the same merge key, even where other keys tell them apart: what a strategic merge takes for one. */
  readonly mergeable?: boolean;
  readonly asPatch?: boolean;
}

// Few texts, so that keys of lists and maps meet.
const text = fc.constantFrom("a", "b", "c", "x/y", "__proto__", "constructor", "", "é\u{1f600}");
const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor", "a.b/c");

const formats: Readonly<Record<NonNullable<FieldMeta["format"]>, fc.Arbitrary<unknown>>> = {
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }),
  byte: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString("base64")),
  quantity: fc.constantFrom("0", "1", "500m", "1Gi", "1e3"),
  "int-or-string": fc.oneof(fc.nat(100), text),
  "date-time": fc.constantFrom("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
  "micro-time": fc.constant("2026-01-01T00:00:00.123456Z"),
  // Without nulls, which a merge patch would take away.
  "raw-object": fc.dictionary(key, fc.oneof(text, fc.nat(9), fc.dictionary(key, fc.array(text))), { maxKeys: 2 }),
};

/** Kinds by name: fast-check prints what failed, and a row's schema fills pages. */
const rowsByName: Readonly<Record<string, ResourceDefinition>> = Object.fromEntries(
  resources.map((row) => [`${row.plural}.${row.group}`, row]),
);
export const arbitraryRowName = fc.constantFrom(...Object.keys(rowsByName));

export function rowNamed(name: string): ResourceDefinition {
  const row = rowsByName[name];
  if (!row) throw new Error(`no kind ${name}`);
  return row;
}

/** Values of a schema, a few fields of each object set; never more than the schema says. */
export function arbitraryValue(schema: z.core.$ZodType, options: ArbitraryOptions = {}): fc.Arbitrary<unknown> {
  const inner = required(schema);
  const { format } = metaOf(inner);
  if (format !== undefined) return formats[format];
  const { def } = inner._zod;
  switch (def.type) {
    case "string":
      return text;
    case "boolean":
      return fc.boolean();
    case "array":
      return arbitraryList(inner, def.element, options);
    case "record":
      return fc.dictionary(key, orNull(arbitraryValue(def.valueType, options), options), { maxKeys: 3 });
    case "object":
      return arbitraryObject(def.shape, [], options);
    default:
      throw new TypeError(`kinds may not use zod's ${def.type}`);
  }
}

function orNull(value: fc.Arbitrary<unknown>, { asPatch = false }: ArbitraryOptions): fc.Arbitrary<unknown> {
  return asPatch ? fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }) : value;
}

type Shape = Readonly<Record<string, z.core.$ZodType>>;

function arbitraryObject(shape: Shape, always: readonly string[], options: ArbitraryOptions): fc.Arbitrary<unknown> {
  const names = Object.keys(shape).filter((name) => !always.includes(name));
  return fc.subarray(names, { maxLength: Math.min(3, names.length) }).chain((some) => {
    const fields = some.map((name) => [name, orNull(arbitraryValue(shape[name] as z.core.$ZodType, options), options)]);
    const keys = always.map((name) => [name, arbitraryValue(shape[name] as z.core.$ZodType)]);
    const object = fc.record(Object.fromEntries([...keys, ...fields])) as fc.Arbitrary<object>;
    return options.asPatch
      ? fc.tuple(object, directives(shape, some)).map(([one, more]) => ({ ...one, ...more }))
      : object;
  });
}

/** Of the items of a list that is merged, the keys are always there. */
function arbitraryList(list: z.core.$ZodTypes, element: z.core.$ZodType, options: ArbitraryOptions) {
  const { mergeKey, listMapKeys = [] } = metaOf(list);
  const item = required(element);
  const keys = [...new Set([...(mergeKey === undefined ? [] : [mergeKey]), ...listMapKeys])];
  const { def } = item._zod;
  const items = def.type === "object" ? arbitraryObject(def.shape, keys, options) : arbitraryValue(item, options);
  const telling = options.mergeable && mergeKey !== undefined ? [mergeKey] : keys;
  const printed = (one: unknown) => JSON.stringify(telling.map((name) => (one as Record<string, unknown>)[name]));
  return keys.length === 0 || options.asPatch
    ? fc.array(items, { maxLength: 3 })
    : fc.uniqueArray(items, { maxLength: 3, selector: printed });
}

function directives(shape: Shape, fields: readonly string[]): fc.Arbitrary<object> {
  const lists = Object.keys(shape).filter((name) => required(shape[name] as z.core.$ZodType)._zod.def.type === "array");
  const list = lists.length === 0 ? fc.constant("none") : fc.constantFrom(...lists);
  const value = fc.oneof(fc.array(text, { maxLength: 3 }), fc.array(fc.record({ name: text }), { maxLength: 3 }));
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ $patch: fc.constantFrom("merge", "replace", "delete", "explode") }) },
    { weight: 1, arbitrary: fc.record({ $retainKeys: fc.oneof(fc.constant([...fields]), value) }) },
    { weight: 1, arbitrary: fc.tuple(list, value).map(([name, order]) => ({ [`$setElementOrder/${name}`]: order })) },
    {
      weight: 1,
      arbitrary: fc.tuple(list, value).map(([name, gone]) => ({ [`$deleteFromPrimitiveList/${name}`]: gone })),
    },
  );
}

/** Whatever is written to it throws. */
export function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const child of Object.values(value)) frozen(child);
  return Object.freeze(value);
}
