import { randomBytes } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import { systemClock } from "@podbus/clock";
import { eventuallyPasses, startNats, type TestNatsServer } from "@podbus/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Encryption, EncryptionKey, EncryptionProvider } from "../src/domain/encryption.ts";
import { openStore } from "../src/nats-store.ts";
import type { StorableObject } from "../src/object-store.ts";
import { connectThrough } from "./connect-through.ts";
import { describeObjectStore } from "./object-store-behaviour.ts";

let nats: TestNatsServer;
let buckets = 0;

beforeAll(async () => {
  nats = await startNats();
});
afterAll(async () => {
  await nats[Symbol.asyncDispose]();
});

const keyNamed = (name: string): EncryptionKey => ({ name, secret: randomBytes(32) });
const [first, second] = [keyNamed("first"), keyNamed("second")];
const aesgcm = (...keys: EncryptionKey[]): EncryptionProvider => ({ kind: "aesgcm", keys });
const identity: EncryptionProvider = { kind: "identity" };
const secretsBy = (...providers: EncryptionProvider[]): Encryption => ({
  rules: [{ resources: ["secrets"], providers }],
});

async function open(bucket: string, encryption: Encryption | undefined) {
  const connection = await connectThrough(nats.port);
  try {
    const store = await openStore({
      ...{ connection, clock: systemClock, bucket, windowSize: 8 },
      ...(encryption ? { encryption } : {}),
    });
    return { connection, store };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

describe("a store whose objects are encrypted", () => {
  describeObjectStore(async () => {
    const bucket = `sealed-${buckets++}`;
    const everything: Encryption = { rules: [{ resources: ["pods", "nodes"], providers: [aesgcm(first)] }] };
    const [one, two] = [await open(bucket, everything), await open(bucket, everything)];
    return {
      stores: [one.store, two.store],
      async [Symbol.asyncDispose]() {
        for (const { store, connection } of [one, two]) {
          await store[Symbol.asyncDispose]();
          await connection.close();
        }
      },
    };
  });
});

describe("secrets in the bucket", () => {
  const key = { resource: "secrets", namespace: "default", name: "a" };
  const word = "hunter2-hunter2";
  const secret = { metadata: { name: "a", annotations: { lastApplied: word } }, data: { password: word } };
  let bucket: string;
  let opened: AsyncDisposableStack;

  beforeEach(() => {
    bucket = `secrets-${buckets++}`;
    opened = new AsyncDisposableStack();
  });
  afterEach(() => opened.disposeAsync());

  async function openWith(encryption: Encryption | undefined) {
    const { store, connection } = await open(bucket, encryption);
    opened.defer(async () => {
      await store[Symbol.asyncDispose]();
      await connection.close();
    });
    return store;
  }

  /** All that the stream holds, as it lies on the disk. */
  async function bytesInBucket(): Promise<Buffer> {
    const connection = await connectThrough(nats.port);
    try {
      const { streams } = await jetstreamManager(connection);
      const { state } = await streams.info(`KV_${bucket}`);
      const parts: Uint8Array[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = await streams.getMessage(`KV_${bucket}`, { seq });
        if (message) parts.push(message.data);
      }
      return Buffer.concat(parts);
    } finally {
      await connection.close();
    }
  }

  it("are unreadable there, whether live, changed or deleted", async () => {
    const store = await openWith(secretsBy(aesgcm(first)));
    const created = await store.create(key, secret);
    const updated = await store.update(key, { ...secret, more: word }, created.revision);
    const deleted = await store.delete(key, updated.revision);
    expect(deleted.value).toMatchObject({ data: { password: word } });
    const bytes = await bytesInBucket();
    expect(bytes.length).toBeGreaterThan(0);
    expect(bytes.includes(word)).toBe(false);
  });

  it("what was stored in plain text is encrypted at the next start, and nothing of it is left", async () => {
    const before = await openWith(undefined);
    const created = await before.create<StorableObject>(key, secret);
    await before.update(key, { ...secret, more: word }, created.revision);
    expect((await bytesInBucket()).includes(word)).toBe(true);
    const store = await openWith(secretsBy(aesgcm(first), identity));
    await eventuallyPasses(async () => expect((await bytesInBucket()).includes(word)).toBe(false));
    expect(store.cache.get(key)?.value).toMatchObject({ ...secret, metadata: { name: "a" }, more: word });
  });

  it("a new first key takes over at the next start; then the old one may go", async () => {
    const before = await openWith(secretsBy(aesgcm(first)));
    const { revision } = await before.create(key, secret);
    const rotating = await openWith(secretsBy(aesgcm(second, first)));
    await eventuallyPasses(() => expect(rotating.cache.get(key)?.revision).toBeGreaterThan(revision));
    const after = await openWith(secretsBy(aesgcm(second)));
    expect(after.cache.get(key)?.value).toMatchObject({ data: secret.data });
  });

  it("without their key the store does not open, and says which key is missing", async () => {
    await (await openWith(secretsBy(aesgcm(first)))).create(key, secret);
    await expect(open(bucket, secretsBy(aesgcm(second)))).rejects.toMatchObject({
      code: "FAILED_PRECONDITION",
      message:
        'cannot read secrets default/a: it is encrypted with the key "first", which the encryption configuration does not have',
    });
  });

  it("a service that has no keys does not see them, and sees everything else", async () => {
    const store = await openWith(secretsBy(aesgcm(first)));
    await store.create(key, secret);
    const pod = await store.create({ ...key, resource: "pods" }, { metadata: { name: "a" } });
    const other = await openWith(undefined);
    await other.cache.waitForRevision(pod.revision);
    expect(other.cache.list("secrets").items).toEqual([]);
    expect(other.cache.list("pods").items).toHaveLength(1);
    await expect(other.create(key, secret)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
  });
});
