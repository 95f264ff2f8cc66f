import type { ObjectWatch, StorableObject, WatchEvent, WatchOptions } from "../object-store.ts";
import type { ResourceTable } from "./resource-table.ts";
import { expired } from "./store-errors.ts";

/** One reader of a table's window: a position and a filter, no buffer. Not for concurrent calls of `next`. */
export class TableWatch<T extends StorableObject> implements ObjectWatch<T> {
  readonly #table: ResourceTable;
  readonly #options: WatchOptions;
  readonly #cacheRevision: () => number;
  #position: number | "lost";
  #returned = false;

  constructor(table: ResourceTable, options: WatchOptions, cacheRevision: () => number) {
    this.#table = table;
    this.#options = options;
    this.#cacheRevision = cacheRevision;
    this.#position = table.window.positionAfter(options.fromRevision);
  }

  get revision(): number {
    const next = this.#position === "lost" ? "lost" : this.#table.window.at(this.#position);
    if (next === "lost" || this.#table.ended) return this.#options.fromRevision;
    const handedOut = next === undefined ? this.#cacheRevision() : next.object.revision - 1;
    return Math.max(handedOut, this.#options.fromRevision);
  }

  async next(): Promise<IteratorResult<WatchEvent<T>, undefined>> {
    for (;;) {
      if (this.#returned || this.#options.signal.aborted) return { done: true, value: undefined };
      if (this.#table.ended) throw this.#table.ended;
      const event = this.#take();
      if (event === undefined) await this.#changed();
      // The caller names the type that it stored under this resource.
      else if (this.#wants(event)) return { done: false, value: event as WatchEvent<T> };
    }
  }

  async return(): Promise<IteratorResult<WatchEvent<T>, undefined>> {
    this.#returned = true;
    this.#table.wake();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #take(): WatchEvent | undefined {
    const event = this.#position === "lost" ? "lost" : this.#table.window.at(this.#position);
    if (event === "lost" || this.#position === "lost") {
      throw expired(this.#options.fromRevision, this.#table.window.floor);
    }
    if (event !== undefined) this.#position++;
    return event;
  }

  #wants(event: WatchEvent): boolean {
    const { namespace, fromRevision } = this.#options;
    const inNamespace = namespace === undefined || namespace === event.object.key.namespace;
    // A watch may begin in the future of this cache: what it lists elsewhere has already happened.
    return inNamespace && event.object.revision > fromRevision;
  }

  #changed(): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener("abort", wake);
        this.#table.waiting.delete(wake);
        resolve();
      };
      this.#table.waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
