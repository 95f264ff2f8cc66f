/**
 * Decides, for one consumer of the bucket's stream, what each message means for the cache.
 *
 *   loading ──(nothing pending)──▶ following ──(not the next sequence)──▶ gap
 *      the last message of every key:      every message, without holes
 *      holes are expected
 *
 * A hole while following means that a message was removed before we read it (superseded beyond the history, or a
 * purged tombstone): we cannot tell what it was, so the cache must be built again.
 */
export class FeedProgress {
  readonly #lastAtStart: number;
  #revision: number;
  #loading: boolean;

  private constructor(loading: boolean, revision: number, lastAtStart: number) {
    this.#loading = loading;
    this.#revision = revision;
    this.#lastAtStart = lastAtStart;
  }

  /** `lastAtStart`: the stream's last sequence, asked before the consumer was made. */
  static load(lastAtStart: number): FeedProgress {
    return new FeedProgress(true, 0, lastAtStart);
  }

  static resume(revision: number, lastAtStart: number): FeedProgress {
    return new FeedProgress(false, revision, lastAtStart);
  }

  get revision(): number {
    return this.#revision;
  }

  /** The consumer has nothing (more) to deliver. */
  receiveNothing(): "loaded" | "following" | "gap" {
    return this.#loading ? this.#loaded() : this.#caughtUp();
  }

  /** `pending`: how many messages come after this one. */
  receive(sequence: number, pending: number): "loading" | "loaded" | "following" | "gap" {
    if (!this.#loading && sequence !== this.#revision + 1) return "gap";
    this.#revision = sequence;
    if (this.#loading) return pending === 0 ? this.#loaded() : "loading";
    return pending === 0 ? this.#caughtUp() : "following";
  }

  /** The stream's newest messages may have been purged, so its end may lie behind the last message there is. */
  #loaded(): "loaded" {
    this.#loading = false;
    this.#revision = Math.max(this.#revision, this.#lastAtStart);
    return "loaded";
  }

  #caughtUp(): "following" | "gap" {
    return this.#revision < this.#lastAtStart ? "gap" : "following";
  }
}
