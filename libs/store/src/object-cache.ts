import { ResourceTable } from "./domain/resource-table.ts";
import { RevisionWaiters } from "./domain/revision-waiters.ts";
import { expired, unavailable } from "./domain/store-errors.ts";
import { atRevision } from "./domain/stored-value.ts";
import { TableWatch } from "./domain/table-watch.ts";
import type {
  ListResult,
  ObjectKey,
  ObjectWatch,
  StorableObject,
  StoredObject,
  WatchCache,
  WatchOptions,
} from "./object-store.ts";

/** What one revision did: left an object, or removed one (`last`: what its tombstone carries, if readable). */
export type Change =
  | { readonly kind: "put"; readonly object: StoredObject }
  | { readonly kind: "removed"; readonly key: ObjectKey; readonly revision: number; readonly last?: StoredObject };

export const defaultWindowSize = 4096;

/**
 * Objects, recent events and watches in memory. It does no I/O: whoever owns it feeds it changes in
 * revision order (`apply`), or a whole new state after a gap (`rebuild`).
 */
export class ObjectCache implements WatchCache {
  readonly #windowSize: number;
  readonly #waiters = new RevisionWaiters();
  #tables = new Map<string, ResourceTable>();
  #revision = 0;
  /** The revision at which this state was built: no events from before are known. */
  #builtAt = 0;
  #closed: Error | undefined;

  constructor(windowSize = defaultWindowSize) {
    this.#windowSize = windowSize;
  }

  get revision(): number {
    return this.#revision;
  }

  get<T extends StorableObject>(key: ObjectKey): StoredObject<T> | undefined {
    // The caller names the type that it stored under this resource; the same in `list`.
    return this.#tables.get(key.resource)?.get(key.namespace, key.name) as StoredObject<T> | undefined;
  }

  list<T extends StorableObject>(resource: string, namespace?: string): ListResult<T> {
    const items = this.#tables.get(resource)?.list(namespace) ?? [];
    return { revision: this.#revision, items: items as readonly StoredObject<T>[] };
  }

  listAt<T extends StorableObject>(revision: number, resource: string, namespace?: string): ListResult<T> {
    const table = this.#table(resource);
    const items = revision > this.#revision ? undefined : table.listAt(namespace, revision);
    if (!items) throw expired(revision, table.window.floor);
    return { revision, items: items as readonly StoredObject<T>[] };
  }

  watch<T extends StorableObject>(options: WatchOptions): ObjectWatch<T> {
    return new TableWatch<T>(this.#table(options.resource), options, () => this.#revision);
  }

  async waitForRevision(revision: number, signal?: AbortSignal): Promise<void> {
    if (this.#revision >= revision) return;
    if (this.#closed) throw this.#closed;
    await this.#waiters.wait(revision, signal);
  }

  apply(change: Change): void {
    if (change.kind === "put") this.#applyPut(change.object);
    else this.#applyRemoval(change);
    this.#reach(change.kind === "put" ? change.object.revision : change.revision);
  }

  /** A revision that changed no object of ours. */
  pass(revision: number): void {
    this.#reach(revision);
  }

  /** Replaces everything, and ends the watches: what happened between is not known. */
  rebuild(objects: Iterable<StoredObject>, revision: number): void {
    const previous = this.#tables;
    this.#tables = new Map();
    this.#builtAt = revision;
    for (const [resource, group] of Map.groupBy(objects, ({ key }) => key.resource)) {
      this.#tables.set(resource, this.#newTable(group));
    }
    this.#reach(revision);
    for (const table of previous.values()) table.end(expired(table.window.floor, revision));
  }

  /** Ends every watch and wait. What is cached stays readable. */
  close(): void {
    this.#closed = unavailable("the store is closed");
    this.#waiters.rejectAll(this.#closed);
    for (const table of this.#tables.values()) table.end(this.#closed);
  }

  #reach(revision: number): void {
    this.#revision = revision;
    this.#waiters.reached(revision);
  }

  #applyPut(object: StoredObject): void {
    const table = this.#table(object.key.resource);
    const previous = table.get(object.key.namespace, object.key.name);
    table.put(object);
    table.publish(previous ? { type: "MODIFIED", object, previous } : { type: "ADDED", object });
  }

  #applyRemoval(change: Extract<Change, { kind: "removed" }>): void {
    const { key, revision, last } = change;
    const table = this.#table(key.resource);
    const previous = table.get(key.namespace, key.name);
    if (!previous) return;
    table.remove(key.namespace, key.name);
    table.publish({ type: "DELETED", object: last ?? atRevision(previous, revision), previous });
  }

  #table(resource: string): ResourceTable {
    const existing = this.#tables.get(resource);
    if (existing) return existing;
    const table = this.#newTable();
    this.#tables.set(resource, table);
    return table;
  }

  #newTable(objects: readonly StoredObject[] = []): ResourceTable {
    const table = new ResourceTable(this.#windowSize, this.#builtAt, objects);
    if (this.#closed) table.end(this.#closed);
    return table;
  }
}
