import type { ObjectKey, StoredObject, WatchEvent } from "../object-store.ts";
import { EventWindow } from "./event-window.ts";
import { SortedObjects } from "./sorted-objects.ts";

/** All that is known of one resource: its objects by namespace, its recent events, and who waits for the next. */
export class ResourceTable {
  readonly window: EventWindow;
  /** Wakes the watches that have read everything. */
  readonly waiting = new Set<() => void>();
  /** Why this table no longer moves: the cache was rebuilt or closed. */
  ended: Error | undefined;
  readonly #namespaces: Map<string, SortedObjects>;

  /** `objects`: what it holds at first; `floor`: the revision from which events are known. */
  constructor(windowSize: number, floor: number, objects: readonly StoredObject[] = []) {
    this.window = new EventWindow(windowSize, floor);
    const byNamespace = Map.groupBy(objects, ({ key }) => key.namespace);
    this.#namespaces = new Map([...byNamespace].map(([namespace, group]) => [namespace, new SortedObjects(group)]));
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  list(namespace: string | undefined): readonly StoredObject[] {
    if (namespace !== undefined) return this.#namespaces.get(namespace)?.values().slice() ?? [];
    const sorted = [...this.#namespaces].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.flatMap(([, objects]) => objects.values());
  }

  /** As it was at a revision of the past; undefined when events since may have left the window. */
  listAt(namespace: string | undefined, revision: number): readonly StoredObject[] | undefined {
    const position = this.window.positionAfter(revision);
    if (position === "lost") return undefined;
    const present = this.list(namespace);
    if (position === this.window.end) return present;
    const wanted = (event: WatchEvent) => namespace === undefined || event.object.key.namespace === namespace;
    const before = stateBefore(this.#eventsFrom(position).filter(wanted));
    const untouched = present.filter(({ key }) => !before.has(keyText(key)));
    const restored = [...before.values()].filter((object) => object !== undefined);
    return [...untouched, ...restored].sort(byKey);
  }

  #eventsFrom(position: number): WatchEvent[] {
    const events: WatchEvent[] = [];
    for (let at = position; at < this.window.end; at++) {
      const event = this.window.at(at);
      if (event !== undefined && event !== "lost") events.push(event);
    }
    return events;
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

/** What these events found in the place of each object that they touched: undefined where there was none. */
function stateBefore(events: readonly WatchEvent[]): Map<string, StoredObject | undefined> {
  const before = new Map<string, StoredObject | undefined>();
  for (const event of events) {
    const key = keyText(event.object.key);
    if (!before.has(key)) before.set(key, event.type === "ADDED" ? undefined : event.previous);
  }
  return before;
}

const keyText = ({ namespace, name }: ObjectKey) => `${namespace}/${name}`;

function byKey({ key: a }: StoredObject, { key: b }: StoredObject): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
