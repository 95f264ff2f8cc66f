import type { StoredObject } from "../object-store.ts";

/** Objects of one resource and namespace in the order of their names, so that listing is a copy and no sort. */
export class SortedObjects {
  readonly #objects: StoredObject[];

  /** `objects`: in any order, each name once. */
  constructor(objects: Iterable<StoredObject> = []) {
    this.#objects = [...objects].sort((a, b) => (a.key.name < b.key.name ? -1 : 1));
  }

  get size(): number {
    return this.#objects.length;
  }

  get(name: string): StoredObject | undefined {
    const found = this.#objects[this.#indexOf(name)];
    return found?.key.name === name ? found : undefined;
  }

  set(object: StoredObject): void {
    const index = this.#indexOf(object.key.name);
    const replaced = this.#objects[index]?.key.name === object.key.name ? 1 : 0;
    this.#objects.splice(index, replaced, object);
  }

  delete(name: string): void {
    const index = this.#indexOf(name);
    if (this.#objects[index]?.key.name === name) this.#objects.splice(index, 1);
  }

  values(): readonly StoredObject[] {
    return this.#objects;
  }

  /** The index of the first name that is not smaller. */
  #indexOf(name: string): number {
    let low = 0;
    let high = this.#objects.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const candidate = this.#objects[middle];
      if (candidate !== undefined && candidate.key.name < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
