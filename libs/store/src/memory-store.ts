import type { Clock } from "@podbus/clock";
import { checkObjectSize } from "./domain/object-size.ts";
import { alreadyExists, conflict, notFound, unavailable } from "./domain/store-errors.ts";
import { serialize, storedObjectOf } from "./domain/stored-value.ts";
import { ObjectCache } from "./object-cache.ts";
import type { ObjectKey, ObjectStore, StorableObject, StoredObject, WatchCache } from "./object-store.ts";

export interface MemoryStoreOptions {
  /** As for the real store; nothing here waits. */
  readonly clock: Clock;
  /** Events kept per resource for watches. Default 4096. */
  readonly windowSize?: number;
}

/** An ObjectStore in memory, with the semantics of the real one: for tests. */
export function createMemoryStore(options: MemoryStoreOptions): ObjectStore {
  return new MemoryStore(options.windowSize);
}

class MemoryStore implements ObjectStore {
  readonly #cache: ObjectCache;
  #closed = false;

  constructor(windowSize: number | undefined) {
    this.#cache = new ObjectCache(windowSize);
  }

  get cache(): WatchCache {
    return this.#cache;
  }

  async create<T extends StorableObject>(key: ObjectKey, value: T): Promise<StoredObject<T>> {
    const object = this.#next(key, value);
    if (this.#cache.get(key)) throw alreadyExists(key);
    this.#cache.apply({ kind: "put", object });
    return object as StoredObject<T>;
  }

  async update<T extends StorableObject>(key: ObjectKey, value: T, revision: number): Promise<StoredObject<T>> {
    const object = this.#next(key, value);
    this.#expect(key, revision);
    this.#cache.apply({ kind: "put", object });
    return object as StoredObject<T>;
  }

  async delete<T extends StorableObject>(key: ObjectKey, revision: number, lastValue?: T): Promise<StoredObject<T>> {
    const stored = this.#expect(key, revision);
    const last = this.#next(key, lastValue ?? stored.value);
    this.#cache.apply({ kind: "removed", key, revision: last.revision, last });
    return last as StoredObject<T>;
  }

  async latestRevision(): Promise<number> {
    this.#assertOpen();
    return this.#cache.revision;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#cache.close();
  }

  #next(key: ObjectKey, value: StorableObject): StoredObject {
    this.#assertOpen();
    const json = serialize(value);
    checkObjectSize(Buffer.byteLength(json));
    return storedObjectOf(key, this.#cache.revision + 1, JSON.parse(json));
  }

  #expect(key: ObjectKey, revision: number): StoredObject {
    this.#assertOpen();
    const stored = this.#cache.get(key);
    if (!stored) throw notFound(key);
    if (stored.revision !== revision) throw conflict(key);
    return stored;
  }

  #assertOpen(): void {
    if (this.#closed) throw unavailable("the store is closed");
  }
}
