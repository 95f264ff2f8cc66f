interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Who waits until a revision is reached. */
export class RevisionWaiters {
  readonly #waiters = new Set<Waiter>();
  /** No waiter wants less: most revisions wake nobody, and need not ask everybody. */
  #least = Number.POSITIVE_INFINITY;

  wait(revision: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const settle = (run: () => void) => {
        signal?.removeEventListener("abort", onAbort);
        this.#waiters.delete(waiter);
        run();
      };
      const onAbort = () => settle(() => reject(signal?.reason));
      const waiter: Waiter = {
        revision,
        resolve: () => settle(resolve),
        reject: (reason) => settle(() => reject(reason)),
      };
      this.#waiters.add(waiter);
      this.#least = Math.min(this.#least, revision);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  reached(revision: number): void {
    if (revision < this.#least) return;
    for (const waiter of [...this.#waiters]) if (waiter.revision <= revision) waiter.resolve();
    this.#least = [...this.#waiters].reduce(
      (least, waiter) => Math.min(least, waiter.revision),
      Number.POSITIVE_INFINITY,
    );
  }

  rejectAll(reason: Error): void {
    for (const waiter of [...this.#waiters]) waiter.reject(reason);
  }
}
