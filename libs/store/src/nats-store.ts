import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import type { Clock } from "@podbus/clock";
import type { PodbusError } from "@podbus/errors";
import { CacheFeed } from "./adapters/cache-feed.ts";
import { ConnectionEvents } from "./adapters/connection-events.ts";
import { ObjectLog } from "./adapters/object-log.ts";
import { ensureObjectStream } from "./adapters/object-stream.ts";
import { resealStale } from "./adapters/reseal-stale.ts";
import { retrying } from "./adapters/retrying.ts";
import { sweepTombstones } from "./adapters/tombstone-sweep.ts";
import { Coalesced } from "./domain/coalesced.ts";
import { type Encryption, noEncryption } from "./domain/encryption.ts";
import { type Envelope, envelopeBytes, openEnvelope, tombstoneOf } from "./domain/envelope.ts";
import { encodeKey } from "./domain/key-encoding.ts";
import { checkObjectSize, maxObjectBytes } from "./domain/object-size.ts";
import { openValue, sealValue } from "./domain/sealing.ts";
import { alreadyExists, cannotOpen, conflict, notFound, unavailable } from "./domain/store-errors.ts";
import { serialize, storedObjectOf } from "./domain/stored-value.ts";
import { Tombstones } from "./domain/tombstones.ts";
import { ObjectCache } from "./object-cache.ts";
import type { ObjectKey, ObjectStore, StorableObject, StoredObject, WatchCache } from "./object-store.ts";
import { type StoreLog, silentLog } from "./store-log.ts";

export interface StoreOptions {
  /** Stays the caller's: closing the store leaves it open. */
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly log?: StoreLog;
  /** Default "objects". */
  readonly bucket?: string;
  /** Copies of the stream in a NATS cluster. Default: as the stream has, 1 for a new one. */
  readonly replicas?: number;
  /** Events kept per resource for watches. Default 4096. */
  readonly windowSize?: number;
  /**
   * Age at which tombstones are removed. Default 10 minutes. Keep it far above the 10 s that a write may take: a write
   * whose answer was lost is found by what is still in the stream.
   */
  readonly tombstoneAgeMs?: number;
  /** What is encrypted in the bucket. Without it nothing is, and what others have encrypted is not seen here. */
  readonly encryption?: Encryption;
}

const openDeadlineMs = 30_000;
const defaultTombstoneAgeMs = 10 * 60_000;
const apiTimeoutMs = 2_000;

/**
 * Opens the bucket, making it if need be, and resolves when its cache is loaded; UNAVAILABLE after 30 s without.
 * The server must run JetStream with `sync_interval: always`: no client can see or check that setting, and without it
 * an acknowledged write may be lost with the machine.
 */
export async function openStore(options: StoreOptions): Promise<ObjectStore> {
  const { connection, clock, bucket = "objects", log = silentLog, encryption = noEncryption } = options;
  const closing = new AbortController();
  const events = new ConnectionEvents(connection);
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: apiTimeoutMs });
  const opening = { clock, deadlineMs: openDeadlineMs, signal: closing.signal, what: `opening the bucket ${bucket}` };
  const info = await retrying(opening, () =>
    events.orReconnected(() => ensureObjectStream(manager, { bucket, replicas: options.replicas }, log)),
  );
  const stream = info.config.name;
  const filter = `$KV.${bucket}.>`;
  const { signal } = closing;
  const objectLog = new ObjectLog({ client: jetstream(connection), manager, events, clock, stream, signal });
  const cache = new ObjectCache(options.windowSize);
  const tombstones = new Tombstones();
  const feed = new CacheFeed({
    ...{ connection, manager, events, clock, stream, filter, objectLog, cache, tombstones, encryption, log },
    signal,
  });
  const running = [
    feed.run(),
    sweepTombstones({
      ...{ clock, log, objectLog, tombstones, signal },
      ageMs: options.tombstoneAgeMs ?? defaultTombstoneAgeMs,
    }),
    resealStale({ clock, log, objectLog, feed, encryption, signal }),
  ];
  const store = new NatsStore({
    ...{ objectLog, cache, tombstones, feed, encryption, closing, running },
    subjectOf: (key) => `$KV.${bucket}.${encodeKey(key)}`,
    limitBytes: Math.min(maxObjectBytes, (connection.info?.max_payload ?? maxObjectBytes) - 2 * envelopeBytes),
  });
  if ((connection.info?.max_payload ?? 0) < maxObjectBytes + 2 * envelopeBytes) {
    log.warn({ maxPayload: connection.info?.max_payload }, "the server's max_payload is too small for large objects");
  }
  await firstLoad(feed, clock, store);
  return store;
}

async function firstLoad(feed: CacheFeed, clock: Clock, store: ObjectStore): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const late = () => timeout.reject(unavailable("the watch cache could not be loaded in time"));
  const cancel = clock.after(openDeadlineMs, late);
  try {
    await Promise.race([feed.loaded, timeout.promise]);
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  } finally {
    cancel();
  }
}

interface NatsStoreParts {
  readonly objectLog: ObjectLog;
  readonly cache: ObjectCache;
  readonly tombstones: Tombstones;
  readonly feed: CacheFeed;
  readonly encryption: Encryption;
  readonly closing: AbortController;
  readonly running: readonly Promise<void>[];
  readonly subjectOf: (key: ObjectKey) => string;
  readonly limitBytes: number;
}

class NatsStore implements ObjectStore {
  readonly #parts: NatsStoreParts;
  readonly #latest: Coalesced<number>;

  constructor(parts: NatsStoreParts) {
    this.#parts = parts;
    this.#latest = new Coalesced(async () => (await parts.objectLog.end()).lastRevision);
  }

  get cache(): WatchCache {
    return this.#parts.cache;
  }

  async create<T extends StorableObject>(key: ObjectKey, value: T): Promise<StoredObject<T>> {
    const { cache, tombstones, objectLog, encryption } = this.#open();
    const subject = this.#parts.subjectOf(key);
    const json = this.#serialize(value, 0);
    const payload = sealValue(encryption, key, json);
    // The cache may be behind; its word is only where to try first.
    let expected = cache.get(key) ? await this.#vacancy(key) : tombstones.revisionOf(subject);
    for (;;) {
      const revision = await objectLog.append(subject, payload, expected);
      if (revision !== "refused") return await this.#written<T>(key, revision, json);
      expected = await this.#vacancy(key);
    }
  }

  async update<T extends StorableObject>(key: ObjectKey, value: T, revision: number): Promise<StoredObject<T>> {
    const json = this.#serialize(value, 0);
    await this.#current(key, revision);
    return await this.#replace<T>(key, revision, { message: json, objectJson: json });
  }

  async delete<T extends StorableObject>(key: ObjectKey, revision: number, lastValue?: T): Promise<StoredObject<T>> {
    const current = await this.#current(key, revision);
    const json = this.#serialize(lastValue ?? current, envelopeBytes / 2);
    return await this.#replace<T>(key, revision, { message: tombstoneOf(json), objectJson: json });
  }

  async latestRevision(): Promise<number> {
    const { feed } = this.#open();
    const revision = await this.#latest.get();
    feed.expect(revision);
    return revision;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { closing, running, cache } = this.#parts;
    closing.abort(unavailable("the store is closed"));
    cache.close();
    await Promise.all(running);
  }

  async #replace<T extends StorableObject>(
    key: ObjectKey,
    revision: number,
    { message, objectJson }: { readonly message: string; readonly objectJson: string },
  ): Promise<StoredObject<T>> {
    const { objectLog, subjectOf, encryption } = this.#parts;
    const written = await objectLog.append(subjectOf(key), sealValue(encryption, key, message), revision);
    if (written === "refused") throw refusal(key, await this.#last(key));
    return await this.#written<T>(key, written, objectJson);
  }

  /** The value that is live at `revision`; refuses when there is another, or none. A tombstone cannot be updated. */
  async #current(key: ObjectKey, revision: number): Promise<StorableObject> {
    const cached = this.#open().cache.get(key);
    if (cached?.revision === revision) return cached.value;
    const last = await this.#last(key);
    if (last?.envelope.kind === "live" && last.revision === revision) return last.envelope.value;
    throw refusal(key, last);
  }

  /** The revision on which an object may be created: its tombstone's, or 0. */
  async #vacancy(key: ObjectKey): Promise<number> {
    const last = await this.#last(key);
    if (last?.envelope.kind === "live") throw alreadyExists(key);
    return last?.revision ?? 0;
  }

  /** What the stream's leader has of an object. */
  async #last(key: ObjectKey): Promise<LastEntry | undefined> {
    const { objectLog, subjectOf, encryption } = this.#parts;
    const last = await objectLog.last(subjectOf(key));
    if (!last) return undefined;
    const opened = openValue(encryption, key, last.payload);
    if (opened.kind === "open") return { revision: last.revision, envelope: openEnvelope(opened.payload) };
    throw cannotOpen(key, opened.kind === "refused" ? opened.problem : "it is encrypted, and this process has no key");
  }

  async #written<T extends StorableObject>(key: ObjectKey, revision: number, json: string): Promise<StoredObject<T>> {
    const { cache, feed } = this.#parts;
    feed.expect(revision);
    await cache.waitForRevision(revision).catch((closed: unknown) => {
      throw unavailable(`the store was closed; the object was written at revision ${revision}`, closed);
    });
    const cached = cache.get<T>(key);
    if (cached?.revision === revision) return cached;
    return storedObjectOf(key, revision, JSON.parse(json)) as StoredObject<T>;
  }

  #serialize(value: StorableObject, toleranceBytes: number): string {
    const json = serialize(value);
    checkObjectSize(Buffer.byteLength(json), this.#parts.limitBytes + toleranceBytes);
    return json;
  }

  #open(): NatsStoreParts {
    this.#parts.closing.signal.throwIfAborted();
    return this.#parts;
  }
}

interface LastEntry {
  readonly revision: number;
  readonly envelope: Envelope;
}

function refusal(key: ObjectKey, last: LastEntry | undefined): PodbusError {
  return last?.envelope.kind === "live" ? conflict(key) : notFound(key);
}
