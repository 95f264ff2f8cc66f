import type { ObjectKey, ObjectStore, StorableObject, StoredObject } from "@podbus/store";

/** Waits until this process's cache holds everything that was written before the call, by whomever. */
export async function refresh(store: ObjectStore, signal?: AbortSignal): Promise<void> {
  await store.cache.waitForRevision(await store.latestRevision(), signal);
}

export async function readFresh<T extends StorableObject>(
  store: ObjectStore,
  key: ObjectKey,
  signal?: AbortSignal,
): Promise<StoredObject<T> | undefined> {
  await refresh(store, signal);
  return store.cache.get<T>(key);
}
