import type { StoredObject, WatchEvent } from "../object-store.ts";
import { EventWindow } from "./event-window.ts";
import { SortedObjects } from "./sorted-objects.ts";

/** All that is known of one resource: its objects by namespace, its recent events, and who waits for the next. */
export class ResourceTable {
  readonly window: EventWindow;
  /** Wakes the watches that have read everything. */
  readonly waiting = new Set<() => void>();
  /** Why this table no longer moves: the cache was rebuilt or closed. */
  ended: Error | undefined;
  readonly #namespaces = new Map<string, SortedObjects>();

  constructor(windowSize: number, floor: number) {
    this.window = new EventWindow(windowSize, floor);
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  list(namespace: string | undefined): readonly StoredObject[] {
    if (namespace !== undefined) return this.#namespaces.get(namespace)?.values().slice() ?? [];
    const sorted = [...this.#namespaces].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.flatMap(([, objects]) => objects.values());
  }

  put(object: StoredObject): void {
    const { namespace } = object.key;
    const objects = this.#namespaces.get(namespace) ?? new SortedObjects();
    this.#namespaces.set(namespace, objects);
    objects.set(object);
  }

  remove(namespace: string, name: string): void {
    const objects = this.#namespaces.get(namespace);
    objects?.delete(name);
    if (objects?.size === 0) this.#namespaces.delete(namespace);
  }

  publish(event: WatchEvent): void {
    this.window.push(event);
    this.wake();
  }

  end(reason: Error): void {
    this.ended = reason;
    this.wake();
  }

  wake(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }
}
