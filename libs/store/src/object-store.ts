/** Names one object: resource is "pods" or, outside the core group, "leases.coordination.k8s.io"; namespace is "" for cluster-scoped kinds. */
export interface ObjectKey {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** The least that the store knows of an object. */
export interface StorableObject {
  readonly metadata: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
}

/** An object as stored. `value.metadata.resourceVersion` is `String(revision)`. Values are shared: never change them. */
export interface StoredObject<T extends StorableObject = StorableObject> {
  readonly key: ObjectKey;
  readonly revision: number;
  readonly value: T;
}

export type WatchEvent<T extends StorableObject = StorableObject> =
  | { readonly type: "ADDED"; readonly object: StoredObject<T> }
  | { readonly type: "MODIFIED"; readonly object: StoredObject<T>; readonly previous: StoredObject<T> }
  /** The last object; its revision (and resourceVersion) is that of the deletion. */
  | { readonly type: "DELETED"; readonly object: StoredObject<T>; readonly previous: StoredObject<T> };

export interface ListResult<T extends StorableObject = StorableObject> {
  readonly revision: number;
  readonly items: readonly StoredObject<T>[];
}

export interface WatchOptions {
  readonly resource: string;
  readonly namespace?: string;
  /** Events after this revision. */
  readonly fromRevision: number;
  /** Ends the watch quietly: its iterator is done. */
  readonly signal: AbortSignal;
}

export interface ObjectWatch<T extends StorableObject = StorableObject> extends AsyncIterableIterator<WatchEvent<T>> {
  /** Every event up to this revision has been handed out: the revision for a bookmark. */
  readonly revision: number;
}

/**
 * Objects with one global revision (the resourceVersion). Every write is a compare-and-set and is on disk
 * when it is acknowledged. Errors: ALREADY_EXISTS (reason AlreadyExists), NOT_FOUND (NotFound),
 * ABORTED (Conflict: the revision is another), UNAVAILABLE (no server in time), RESOURCE_EXHAUSTED (RequestEntityTooLarge).
 * A write resolves only when this store's own cache has seen it: you read what you wrote.
 */
export interface ObjectStore extends AsyncDisposable {
  create<T extends StorableObject>(key: ObjectKey, value: T): Promise<StoredObject<T>>;
  update<T extends StorableObject>(key: ObjectKey, value: T, revision: number): Promise<StoredObject<T>>;
  /** Leaves a tombstone with `lastValue` (default: the stored object). Answers the last object at the deletion's revision. */
  delete<T extends StorableObject>(key: ObjectKey, revision: number, lastValue?: T): Promise<StoredObject<T>>;
  /** The store's newest revision, asked from the leader: a cache that has reached it is fresh. */
  latestRevision(): Promise<number>;
  readonly cache: WatchCache;
}

export interface WatchCache {
  readonly revision: number;
  /** Resolves once the cache has reached `revision`; rejects with the signal's reason. */
  waitForRevision(revision: number, signal?: AbortSignal): Promise<void>;
  get<T extends StorableObject>(key: ObjectKey): StoredObject<T> | undefined;
  list<T extends StorableObject>(resource: string, namespace?: string): ListResult<T>;
  /**
   * What `list` answered when the cache was at `revision`: the present state with the events since undone, so any
   * replica can answer. OUT_OF_RANGE (reason Expired) when that revision is no longer in the window, or not reached.
   */
  listAt<T extends StorableObject>(revision: number, resource: string, namespace?: string): ListResult<T>;
  /**
   * Every change after `fromRevision`, in order, once. Fails with OUT_OF_RANGE (reason Expired) when that
   * revision is no longer in the window, when the reader is too slow, or when the cache had a gap: list again.
   * A revision that this cache has not reached yet (it was listed from another replica) is waited for.
   */
  watch<T extends StorableObject>(options: WatchOptions): ObjectWatch<T>;
}
