export type {
  ListResult,
  ObjectKey,
  ObjectStore,
  StorableObject,
  StoredObject,
  WatchCache,
  WatchEvent,
  WatchOptions,
} from "./object-store.ts";
