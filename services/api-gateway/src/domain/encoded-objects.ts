/** Objects that change are sent to many watches at once, and need to be made into text only once. */
export class EncodedObjects {
  readonly #most: number;
  /** The oldest first. Stored objects are never changed, so a text stays right. */
  readonly #texts = new Map<object, string>();

  constructor(most: number) {
    this.#most = most;
  }

  textOf(object: object): string {
    const known = this.#texts.get(object);
    if (known !== undefined) return known;
    const text = JSON.stringify(object);
    this.#texts.set(object, text);
    if (this.#texts.size > this.#most) {
      const [oldest] = this.#texts.keys();
      if (oldest) this.#texts.delete(oldest);
    }
    return text;
  }
}
