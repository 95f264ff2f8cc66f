import type { WatchEvent } from "../object-store.ts";

/**
 * The recent events of one resource, in revision order. Positions count events since the window began, so a reader
 * holds one number instead of a buffer of its own, and a reader that falls behind finds its position gone.
 */
export class EventWindow {
  readonly #size: number;
  #events: WatchEvent[] = [];
  /** Position of `#events[0]`. */
  #base = 0;
  /** The revision up to which events have left the window: a watch must begin here or later. */
  #floor: number;

  constructor(size: number, floor: number) {
    this.#size = size;
    this.#floor = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  get end(): number {
    return this.#base + this.#events.length;
  }

  push(event: WatchEvent): void {
    this.#events.push(event);
    // Cut in half-window steps: shifting an array of thousands on every event would cost more than the event.
    if (this.#events.length < this.#size * 1.5) return;
    const dropped = this.#events.length - this.#size;
    this.#floor = this.#events[dropped - 1]?.object.revision ?? this.#floor;
    this.#events = this.#events.slice(dropped);
    this.#base += dropped;
  }

  /** The event at a position; "lost" when it has left the window, undefined when it is still to come. */
  at(position: number): WatchEvent | "lost" | undefined {
    if (position < this.#base) return "lost";
    return this.#events[position - this.#base];
  }

  /** The position of the first event after a revision; "lost" when events between may have left the window. */
  positionAfter(revision: number): number | "lost" {
    if (revision < this.#floor) return "lost";
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event !== undefined && event.object.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#base + low;
  }
}
