/**
 * Keeps images that somebody asks for from being removed under their feet, and remembers who was given which image when:
 * its container is made a moment later, and only then the runtime knows that the image is in use.
 */
export class ImageGuard {
  readonly #held = new Map<string, number>();
  readonly #removing = new Map<string, Promise<unknown>>();
  readonly #ensuredMs = new Map<string, number>();

  /** Holds an image by its full name, once a removal that is under way has ended. Dispose lets it go. */
  async hold(name: string): Promise<Disposable> {
    // Usually nothing is being removed, and this waits for nothing.
    for (let removal = this.#removing.get(name); removal; removal = this.#removing.get(name)) await removal;
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      const left = (this.#held.get(name) ?? 1) - 1;
      if (left > 0) this.#held.set(name, left);
      else this.#held.delete(name);
    };
    return { [Symbol.dispose]: release };
  }

  /** An image was given to a pod. */
  ensured(imageId: string, nowMs: number): void {
    this.#ensuredMs.set(imageId, nowMs);
  }

  get ensuredMs(): ReadonlyMap<string, number> {
    return this.#ensuredMs;
  }

  /** Forgets images that are gone. */
  keepOnly(imageIds: ReadonlySet<string>): void {
    for (const id of [...this.#ensuredMs.keys()]) if (!imageIds.has(id)) this.#ensuredMs.delete(id);
  }

  isHeld(names: readonly string[]): boolean {
    return names.some((name) => this.#held.has(name));
  }

  /** Runs a removal, while which nobody gets hold of the image. Only for images that are not held. */
  async removing(names: readonly string[], work: () => Promise<void>): Promise<void> {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    for (const name of names) this.#removing.set(name, ended);
    try {
      await work();
    } finally {
      for (const name of names) this.#removing.delete(name);
      end();
    }
  }
}
