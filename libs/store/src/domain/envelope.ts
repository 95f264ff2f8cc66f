import type { StorableObject } from "../object-store.ts";

/**
 * What a message of the bucket says. A live object is its own JSON. A tombstone is `{"deleted":true,"object":…}`,
 * which no object can be: objects have metadata.
 */
export type Envelope =
  | { readonly kind: "live"; readonly value: StorableObject }
  | { readonly kind: "tombstone"; readonly last: StorableObject }
  /** Not written by us (KV's own delete marker, a hand-made value): counts as deleted. */
  | { readonly kind: "unreadable" };

/** Room for a tombstone around the largest object, and for the message's headers. */
export const envelopeBytes = 64 * 1024;

export function tombstoneOf(objectJson: string): string {
  return `{"deleted":true,"object":${objectJson}}`;
}

export function openEnvelope(payload: Uint8Array): Envelope {
  const json = parse(payload);
  if (isObject(json)) return { kind: "live", value: json };
  if (isRecord(json) && json.deleted === true && isObject(json.object)) {
    return { kind: "tombstone", last: json.object };
  }
  return { kind: "unreadable" };
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8"));
  } catch {
    // The outcome "unreadable" says it; whoever reads the stream logs it with the key.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isObject(value: unknown): value is StorableObject {
  return isRecord(value) && isRecord(value.metadata);
}
