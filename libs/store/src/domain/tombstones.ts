export interface Tombstone {
  readonly subject: string;
  readonly revision: number;
  readonly deletedAtMs: number;
}

/** The tombstones that are still in the stream, as far as this store has seen. */
export class Tombstones {
  // Insertion order is revision order, so the oldest come first.
  readonly #bySubject = new Map<string, Tombstone>();

  put(tombstone: Tombstone): void {
    this.#bySubject.delete(tombstone.subject);
    this.#bySubject.set(tombstone.subject, tombstone);
  }

  forget(subject: string): void {
    this.#bySubject.delete(subject);
  }

  clear(): void {
    this.#bySubject.clear();
  }

  /** The revision on which a creation must stand; 0 without a tombstone. */
  revisionOf(subject: string): number {
    return this.#bySubject.get(subject)?.revision ?? 0;
  }

  olderThan(timeMs: number): Tombstone[] {
    return [...this.#bySubject.values()].filter((tombstone) => tombstone.deletedAtMs < timeMs);
  }
}
