import type { ObjectKey, StorableObject, StoredObject } from "../object-store.ts";

/** Parses an object's JSON once for all readers: with its revision as resourceVersion, and frozen. */
export function storedObjectOf(key: ObjectKey, revision: number, value: StorableObject): StoredObject {
  const metadata = { ...value.metadata, resourceVersion: String(revision) };
  return Object.freeze({ key: Object.freeze({ ...key }), revision, value: deepFreeze({ ...value, metadata }) });
}

/** The same object at the revision of its deletion. */
export function atRevision(object: StoredObject, revision: number): StoredObject {
  return storedObjectOf(object.key, revision, object.value);
}

/** The resourceVersion is the message's place in the stream, so it is never part of the stored JSON. */
export function serialize(value: StorableObject): string {
  const { resourceVersion: _, ...metadata } = value.metadata;
  return JSON.stringify({ ...value, metadata });
}

function deepFreeze<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) {
    if (typeof child === "object" && child !== null) deepFreeze(child);
  }
  return value;
}
