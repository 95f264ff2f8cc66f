import type { z } from "zod";
import { cloneJson, defineOwn, isJsonObject } from "../json.ts";
import type { ResourceDefinition } from "../resource-definition.ts";
import { metaOf } from "../schema/fields.ts";
import { fieldSchema, itemSchema } from "../schema/walk.ts";
import { statusBadRequest } from "../status/builders.ts";
import { orderItems } from "./order-items.ts";
import { refusedPatch } from "./refused-patch.ts";

/**
 * Applies a strategic merge patch: a merge patch in which lists whose items have a key are merged by that key, and
 * in which directives say what JSON cannot. Which lists, and by which key, is said by the schema.
 * Rules: kubernetes/community contributors/devel/sig-api-machinery/strategic-merge-patch.md.
 */
export function applyStrategicMergePatch(
  resource: Pick<ResourceDefinition, "schema">,
  object: unknown,
  patch: unknown,
): unknown {
  if (!isJsonObject(patch)) throw statusBadRequest("a strategic merge patch must be a JSON object");
  return mergeMap(isJsonObject(object) ? object : {}, patch, resource.schema);
}

type JsonObject = Record<string, unknown>;
type Schema = z.core.$ZodType | undefined;

const directive = "$patch";
const retainKeys = "$retainKeys";
const deletePrefix = "$deleteFromPrimitiveList/";
const orderPrefix = "$setElementOrder/";

function mergeMap(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  switch (patch[directive]) {
    case undefined:
    case "merge":
      break;
    case "replace":
      return withoutDirectives(patch);
    case "delete":
      return {};
    default:
      throw refusedPatch(`unknown patch type: ${String(patch[directive])}`);
  }
  const merged = { ...original };
  if (Object.hasOwn(patch, retainKeys)) keepOnly(merged, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(deletePrefix)) removeFromList(merged, key.slice(deletePrefix.length), patch[key]);
  }
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith("$")) continue;
    if (value === null) delete merged[key];
    else
      defineOwn(
        merged,
        key,
        mergeField(Object.hasOwn(merged, key) ? merged[key] : undefined, value, key, patch, schema),
      );
  }
  // An order may come without a change of the list itself.
  for (const key of Object.keys(patch)) {
    const field = key.startsWith(orderPrefix) ? key.slice(orderPrefix.length) : undefined;
    if (field === undefined || Object.hasOwn(patch, field) || !Array.isArray(merged[field])) continue;
    merged[field] = mergeList(merged[field], [], patch[key], fieldSchema(schema, field));
  }
  return merged;
}

function mergeField(original: unknown, value: unknown, key: string, patch: JsonObject, schema: Schema): unknown {
  const type = fieldSchema(schema, key);
  if (isJsonObject(value)) return mergeMap(isJsonObject(original) ? original : {}, value, type);
  if (!Array.isArray(value)) return value;
  const merges = type !== undefined && metaOf(type).patchStrategy?.startsWith("merge");
  if (!merges) return cloneJson(value);
  return mergeList(Array.isArray(original) ? original : [], value, patch[`${orderPrefix}${key}`], type);
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], order: unknown, schema: Schema): unknown[] {
  const mergeKey = schema && metaOf(schema).mergeKey;
  if (mergeKey === undefined) {
    const there = new Set(original.map(identityOf));
    const added = patch.filter((item) => !there.has(identityOf(item)));
    return orderItems([...original, ...added], original, order, identityOf);
  }
  const items = patch.map((item) => keyedItem(item, mergeKey));
  if (items.some((item) => item[directive] === "replace")) {
    return items.filter((item) => item[directive] !== "replace").map(withoutDirectives);
  }
  const merged = new KeyedItems(original.filter(isJsonObject), mergeKey);
  for (const item of items) merged.merge(item, itemSchema(schema));
  const byKey = (item: unknown) => identityOf(isJsonObject(item) ? item[mergeKey] : item);
  return orderItems(merged.items, original, order, byKey);
}

/** What tells values of merge keys, and of lists without one, apart. */
const identityOf = (value: unknown) => JSON.stringify(value) ?? "";

/** Items of a list, found by their key without a search: a patch of a whole list must not cost its length squared. */
class KeyedItems {
  readonly #mergeKey: string;
  /** undefined where one was deleted. */
  readonly #items: (JsonObject | undefined)[] = [];
  /** Several items may have one key. */
  readonly #places = new Map<string, number[]>();

  constructor(items: readonly JsonObject[], mergeKey: string) {
    this.#mergeKey = mergeKey;
    for (const item of items) this.#append(item);
  }

  get items(): readonly JsonObject[] {
    return this.#items.filter((item) => item !== undefined);
  }

  merge(item: JsonObject, schema: Schema): void {
    const key = identityOf(item[this.#mergeKey]);
    const places = this.#places.get(key) ?? [];
    const [first] = places;
    if (item[directive] === "delete") {
      for (const place of places) this.#items[place] = undefined;
      this.#places.delete(key);
    } else if (first === undefined) this.#append(mergeMap({}, item, schema));
    else this.#items[first] = mergeMap(this.#items[first] ?? {}, item, schema);
  }

  #append(item: JsonObject): void {
    const key = identityOf(item[this.#mergeKey]);
    const places = this.#places.get(key);
    if (places) places.push(this.#items.length);
    else this.#places.set(key, [this.#items.length]);
    this.#items.push(item);
  }
}

function keyedItem(item: unknown, mergeKey: string): JsonObject {
  if (!isJsonObject(item)) throw refusedPatch(`expected an object with the key ${mergeKey} in the list`);
  if (item[directive] !== "replace" && item[mergeKey] === undefined) {
    throw refusedPatch(`map: ${JSON.stringify(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return item;
}

function keepOnly(merged: JsonObject, patch: JsonObject): void {
  const kept = listOf(patch[retainKeys], retainKeys);
  for (const key of Object.keys(patch)) {
    if (!key.startsWith("$") && patch[key] !== null && !kept.includes(key)) {
      throw refusedPatch(`${retainKeys} directive must contain all the keys of the patch; it lacks ${key}`);
    }
  }
  for (const key of Object.keys(merged)) if (!kept.includes(key)) delete merged[key];
}

function removeFromList(merged: JsonObject, field: string, values: unknown): void {
  const removed = listOf(values, `${deletePrefix}${field}`);
  const list = merged[field];
  if (!Array.isArray(list)) return;
  const gone = new Set(removed.map(identityOf));
  const left = list.filter((item) => !gone.has(identityOf(item)));
  if (left.length > 0) merged[field] = left;
  else delete merged[field];
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refusedPatch(`${name} must be a list`);
}

/** What is left of a value that is stored as it is: directives and nulls mean nothing there. */
function withoutDirectives(value: JsonObject): JsonObject {
  return mergeMap({}, { ...value, [directive]: undefined }, undefined);
}
