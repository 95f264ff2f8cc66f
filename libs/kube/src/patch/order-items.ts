import { refusedPatch } from "./refused-patch.ts";

/**
 * Orders a merged list as a $setElementOrder directive asks. Items that it names stand in its order; the others, which
 * only the server knew, keep their place before whatever followed them. Without a directive nothing moves.
 */
export function orderItems<T>(
  merged: readonly T[],
  before: readonly unknown[],
  order: unknown,
  identityOf: (item: unknown) => string,
): T[] {
  if (order === undefined) return [...merged];
  if (!Array.isArray(order)) throw refusedPatch("$setElementOrder must be a list");
  const ranks = firstPlaces(order.map(identityOf));
  const places = firstPlaces(before.map(identityOf));
  const placeOf = (item: T) => places.get(identityOf(item)) ?? -1;
  const ranked = merged.map((item) => ({ item, rank: ranks.get(identityOf(item)) }));
  const named = ranked.filter(({ rank }) => rank !== undefined).sort((a, b) => Number(a.rank) - Number(b.rank));
  const others = ranked.filter(({ rank }) => rank === undefined).map(({ item }) => ({ item, place: placeOf(item) }));
  const result: T[] = [];
  let taken = 0;
  for (const { item } of named) {
    const place = placeOf(item);
    for (let other = others[taken]; other && other.place < place; other = others[taken]) {
      result.push(other.item);
      taken += 1;
    }
    result.push(item);
  }
  return [...result, ...others.slice(taken).map(({ item }) => item)];
}

function firstPlaces(identities: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [at, identity] of identities.entries()) if (!places.has(identity)) places.set(identity, at);
  return places;
}
