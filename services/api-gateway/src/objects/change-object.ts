import { type Code, PodbusError } from "@podbus/errors";
import type { ObjectKey, ObjectStore, StorableObject, StoredObject } from "@podbus/store";
import { refresh } from "./read-fresh.ts";

export type Change<T extends StorableObject> =
  | { readonly kind: "update"; readonly value: T }
  | { readonly kind: "remove" }
  | { readonly kind: "none" };

/** Enough for every writer of one object to get its turn; more means that two of them fight. */
const attempts = 10;

/**
 * Decides on the stored object and writes by compare-and-set; decides again where another writer was faster.
 * Undefined if there is no such object. `decide` may throw to refuse.
 */
export async function changeObject<T extends StorableObject>(
  store: ObjectStore,
  key: ObjectKey,
  decide: (current: StoredObject<T>) => Change<T> | Promise<Change<T>>,
): Promise<{ readonly object: StoredObject<T>; readonly removed: boolean } | undefined> {
  for (let attempt = 1; ; attempt++) {
    const current = store.cache.get<T>(key);
    if (!current) return undefined;
    const change = await decide(current);
    try {
      return await write(store, key, current, change);
    } catch (error) {
      if (attempt === attempts || !wasOvertaken(error)) throw error;
      await refresh(store);
    }
  }
}

async function write<T extends StorableObject>(
  store: ObjectStore,
  key: ObjectKey,
  current: StoredObject<T>,
  change: Change<T>,
) {
  switch (change.kind) {
    case "none":
      return { object: current, removed: false };
    case "update":
      return { object: await store.update(key, change.value, current.revision), removed: false };
    case "remove":
      return { object: await store.delete<T>(key, current.revision), removed: true };
  }
}

const overtaken: ReadonlySet<Code> = new Set<Code>(["ABORTED", "NOT_FOUND"]);

/** A conflict, or the object went meanwhile: the fresh cache tells which. */
export function wasOvertaken(error: unknown): boolean {
  return error instanceof PodbusError && overtaken.has(error.code);
}
