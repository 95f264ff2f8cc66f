export type { Encryption, EncryptionKey, EncryptionProvider, EncryptionRule } from "./domain/encryption.ts";
export { holdLease, type LeaseOptions, leaseKey } from "./hold-lease.ts";
export { createMemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
export { openStore, type StoreOptions } from "./nats-store.ts";
export type {
  ListResult,
  ObjectKey,
  ObjectStore,
  ObjectWatch,
  StorableObject,
  StoredObject,
  WatchCache,
  WatchEvent,
  WatchOptions,
} from "./object-store.ts";
export type { StoreLog } from "./store-log.ts";
