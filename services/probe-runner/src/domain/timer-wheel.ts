/** What waits in a wheel; the wheel's own, only to be handed back to it. */
export interface Waiting<T> {
  readonly item: T;
  readonly tick: number;
}

/** Whoever is due within one tick is woken at its end, together: a hundred wake-ups a second at most, for any number. */
export const tickMs = 10;
const slotCount = 512;

/**
 * A hashed timing wheel: what is due is kept by the tick it is due in, modulo the wheel's size. Knows no clock; times are
 * milliseconds of a monotonic one.
 *
 *     tick:   … 97   98   99  100  101 …
 *     slot:      │         │         └─ due in this turn, or in a later one
 *                └── cursor: nothing waits before it
 */
export class TimerWheel<T> {
  readonly #slots: Set<Waiting<T>>[] = Array.from({ length: slotCount }, () => new Set());
  #size = 0;
  #cursor = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T, dueMs: number): Waiting<T> {
    const waiting = { item, tick: tickOf(dueMs) };
    if (this.#size === 0 || waiting.tick < this.#cursor) this.#cursor = waiting.tick;
    this.#slot(waiting.tick).add(waiting);
    this.#size++;
    return waiting;
  }

  remove(waiting: Waiting<T>): void {
    if (this.#slot(waiting.tick).delete(waiting)) this.#size--;
  }

  /** How many wait for the tick of this time. */
  crowd(dueMs: number): number {
    const tick = tickOf(dueMs);
    let count = 0;
    for (const each of this.#slot(tick)) if (each.tick === tick) count++;
    return count;
  }

  /** When the next is due, rounded up to its tick; undefined where nobody waits. */
  nextMs(): number | undefined {
    if (this.#size === 0) return undefined;
    for (let tick = this.#cursor; tick < this.#cursor + slotCount; tick++) {
      for (const each of this.#slot(tick)) if (each.tick === tick) return tick * tickMs;
    }
    return Math.min(...this.#slots.flatMap((slot) => [...slot].map(({ tick }) => tick))) * tickMs;
  }

  /** Takes out what is due, the earliest tick first. */
  takeDue(nowMs: number): T[] {
    const lastTick = Math.floor(nowMs / tickMs);
    if (lastTick < this.#cursor) return [];
    // After a long pause one turn visits every slot.
    const slots = Math.min(lastTick - this.#cursor + 1, slotCount);
    const due: Waiting<T>[] = [];
    for (let step = 0; step < slots; step++) {
      for (const each of this.#slot(this.#cursor + step)) if (each.tick <= lastTick) due.push(each);
    }
    for (const each of due) this.remove(each);
    this.#cursor = lastTick + 1;
    return due.sort((a, b) => a.tick - b.tick).map(({ item }) => item);
  }

  #slot(tick: number): Set<Waiting<T>> {
    return this.#slots[tick % slotCount] as Set<Waiting<T>>;
  }
}

function tickOf(dueMs: number): number {
  return Math.ceil(dueMs / tickMs);
}
