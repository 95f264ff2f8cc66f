import { equalJson, isJsonObject } from "../json.ts";
import { refusedPatch } from "./refused-patch.ts";

/**
 * Orders a merged list as a $setElementOrder directive asks. Items that it names stand in its order; the others, which
 * only the server knew, keep their place before whatever followed them. Without a directive nothing moves.
 */
export function orderItems<T>(
  merged: readonly T[],
  before: readonly unknown[],
  order: unknown,
  keyOf: (item: unknown) => unknown,
): T[] {
  if (order === undefined) return [...merged];
  if (!Array.isArray(order)) throw refusedPatch("$setElementOrder must be a list");
  const wanted = order.map((item) => (isJsonObject(item) ? keyOf(item) : item));
  const rankOf = (item: T) => wanted.findIndex((key) => equalJson(key, keyOf(item)));
  const placeOf = (item: T) => before.findIndex((other) => equalJson(keyOf(other), keyOf(item)));
  const named = merged.filter((item) => rankOf(item) >= 0).sort((a, b) => rankOf(a) - rankOf(b));
  const others = merged.filter((item) => rankOf(item) < 0);
  const result: T[] = [];
  for (const item of named) {
    const place = placeOf(item);
    while (place >= 0 && others[0] !== undefined && placeOf(others[0]) < place) result.push(others.shift() as T);
    result.push(item);
  }
  return [...result, ...others];
}
