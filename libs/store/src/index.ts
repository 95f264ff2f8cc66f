export { createMemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
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
