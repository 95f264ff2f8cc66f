import { pause } from "@podbus/clock";
import type { PodbusError } from "@podbus/errors";
import type { Encryption } from "../domain/encryption.ts";
import { openEnvelope } from "../domain/envelope.ts";
import { FeedProgress } from "../domain/feed-progress.ts";
import { decodeKey } from "../domain/key-encoding.ts";
import { openValue } from "../domain/sealing.ts";
import { cannotOpen } from "../domain/store-errors.ts";
import { storedObjectOf } from "../domain/stored-value.ts";
import type { Tombstone, Tombstones } from "../domain/tombstones.ts";
import type { Change, ObjectCache } from "../object-cache.ts";
import type { ObjectKey, StoredObject } from "../object-store.ts";
import type { StoreLog } from "../store-log.ts";
import type { ObjectLog } from "./object-log.ts";
import { type DataMessage, PushConsumer, type PushConsumerOptions } from "./push-consumer.ts";

export interface CacheFeedOptions extends Omit<PushConsumerOptions, "start"> {
  readonly objectLog: ObjectLog;
  readonly cache: ObjectCache;
  readonly tombstones: Tombstones;
  readonly encryption: Encryption;
  readonly log: StoreLog;
  /** Aborted when the store is closed. */
  readonly signal: AbortSignal;
}

type Read =
  /** `stale`: in another form than it would be written in today. */
  | { readonly kind: "change"; readonly change: Change; readonly stale: boolean }
  | { readonly kind: "refused"; readonly error: PodbusError };

const retryMs = 100;
const maxRetryMs = 2_000;
/** The cache may lag this long behind a revision that is known to exist before its consumer is made anew. */
const maxLagMs = 3_000;

/** Keeps the cache at the end of the stream: loads it, follows, resumes after an outage, loads again after a gap. */
export class CacheFeed {
  readonly #options: CacheFeedOptions;
  readonly #subjectPrefixLength: number;
  #consumer: PushConsumer | undefined;
  /** When the stream that the cache shows was created; undefined: the cache must be loaded. */
  #streamCreated: string | undefined;
  #loading: Map<string, StoredObject | Tombstone> = new Map();
  readonly #stale = new Map<string, StoredObject>();
  #cancelExpecting: (() => void) | undefined;
  readonly #loaded = Promise.withResolvers<void>();

  constructor(options: CacheFeedOptions) {
    this.#options = options;
    this.#subjectPrefixLength = options.filter.length - ">".length;
    options.signal.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Resolves when the cache has been loaded for the first time; rejects if there is something that it cannot read. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /** By subject: objects that were loaded in another form than they would be written in today. */
  get stale(): ReadonlyMap<string, StoredObject> {
    return this.#stale;
  }

  /** Runs until the signal. */
  async run(): Promise<void> {
    const { clock, log, signal } = this.#options;
    let delayMs = retryMs;
    while (!signal.aborted) {
      try {
        const reason = await this.#session();
        delayMs = retryMs;
        if (!signal.aborted) log.info({ reason, revision: this.#options.cache.revision }, "the watch cache reconnects");
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, "the watch cache has no consumer; trying again");
        await pause(clock, delayMs, signal);
        delayMs = Math.min(delayMs * 2, maxRetryMs);
      }
    }
  }

  /** A revision exists: if the cache does not reach it soon, its consumer is not what it seems. */
  expect(revision: number): void {
    const { cache, clock, signal } = this.#options;
    if (this.#cancelExpecting || signal.aborted || cache.revision >= revision) return;
    this.#cancelExpecting = clock.after(maxLagMs, () => {
      this.#cancelExpecting = undefined;
      if (cache.revision < revision) this.#consumer?.end(`the cache did not reach revision ${revision}`);
    });
  }

  #close(): void {
    this.#cancelExpecting?.();
    this.#consumer?.end("the store is closed");
  }

  /** One consumer, from its creation to its end; answers why it ended. */
  async #session(): Promise<string> {
    const { cache, objectLog, signal } = this.#options;
    const end = await objectLog.end();
    const resumable = end.created === this.#streamCreated && cache.revision <= end.lastRevision;
    const progress = resumable
      ? FeedProgress.resume(cache.revision, end.lastRevision)
      : FeedProgress.load(end.lastRevision);
    const start = resumable ? cache.revision + 1 : "last-per-subject";
    this.#loading = new Map();
    this.#stale.clear();
    const onMessage = (message: DataMessage) =>
      this.#act(progress.receive(message.streamSequence, message.pending), message, progress, end.created);
    const onIdle = () => this.#act(progress.receiveNothing(), undefined, progress, end.created);
    const consumer = await PushConsumer.create({ ...this.#options, start }, { onMessage, onIdle });
    this.#consumer = consumer;
    if (signal.aborted) consumer.end("the store is closed");
    if (consumer.pendingAtStart === 0) onIdle();
    consumer.release();
    return await consumer.ended;
  }

  #act(meaning: string, message: DataMessage | undefined, progress: FeedProgress, created: string): void {
    if (meaning === "gap") {
      this.#streamCreated = undefined;
      this.#consumer?.end("a gap: the cache must be built again");
    } else if (meaning === "following") {
      if (message) this.#follow(message);
    } else {
      if (message) this.#collect(message);
      if (meaning === "loaded") this.#rebuild(progress.revision, created);
    }
  }

  #collect(message: DataMessage): void {
    const read = this.#read(message);
    // What this process should be able to read and cannot must not look as if it were not there.
    if (read?.kind === "refused") this.#loaded.reject(read.error);
    if (read?.kind !== "change") return;
    const { change, stale } = read;
    this.#loading.set(message.subject, change.kind === "put" ? change.object : tombstoneAt(message));
    if (stale && change.kind === "put") this.#stale.set(message.subject, change.object);
  }

  #rebuild(revision: number, created: string): void {
    const { cache, tombstones, log } = this.#options;
    const states = [...this.#loading.values()];
    this.#loading = new Map();
    this.#streamCreated = created;
    tombstones.clear();
    const dead = states.filter((state) => "subject" in state).sort((a, b) => a.revision - b.revision);
    for (const tombstone of dead) tombstones.put(tombstone);
    const objects = states.filter((state) => "value" in state);
    cache.rebuild(objects, revision);
    log.info({ revision, objects: objects.length, tombstones: dead.length }, "the watch cache is loaded");
    this.#loaded.resolve();
  }

  #follow(message: DataMessage): void {
    const { cache, tombstones } = this.#options;
    const read = this.#read(message);
    if (read?.kind === "change") {
      const { change } = read;
      if (change.kind === "put") tombstones.forget(message.subject);
      else tombstones.put(tombstoneAt(message));
      cache.apply(change);
    } else cache.pass(message.streamSequence);
  }

  /** What a message did; undefined when it is none of ours. */
  #read(message: DataMessage): Read | undefined {
    const { subject, streamSequence: revision } = message;
    const key = this.#keyOf(message);
    if (!key) return undefined;
    const opened = openValue(this.#options.encryption, key, message.payload);
    if (opened.kind === "not-ours") return undefined;
    if (opened.kind === "refused") {
      const error = cannotOpen(key, opened.problem);
      this.#options.log.error({ err: error, revision }, "a value cannot be read");
      return { kind: "refused", error };
    }
    return { kind: "change", change: this.#changeOf(key, opened.payload, { subject, revision }), stale: opened.stale };
  }

  #changeOf(
    key: ObjectKey,
    payload: Uint8Array,
    place: { readonly subject: string; readonly revision: number },
  ): Change {
    const { revision } = place;
    const envelope = openEnvelope(payload);
    if (envelope.kind === "live") return { kind: "put", object: storedObjectOf(key, revision, envelope.value) };
    if (envelope.kind === "tombstone") {
      return { kind: "removed", key, revision, last: storedObjectOf(key, revision, envelope.last) };
    }
    this.#options.log.error(place, "a value that is no object counts as deleted");
    return { kind: "removed", key, revision };
  }

  #keyOf(message: DataMessage): ObjectKey | undefined {
    const key = decodeKey(message.subject.slice(this.#subjectPrefixLength));
    if (!key) this.#options.log.error({ subject: message.subject }, "a key in the bucket is not ours; passed over");
    return key;
  }
}

function tombstoneAt(message: DataMessage): Tombstone {
  return { subject: message.subject, revision: message.streamSequence, deletedAtMs: message.timeMs };
}
