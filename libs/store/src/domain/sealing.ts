import type { ObjectKey } from "../object-store.ts";
import { type Encryption, findKey, readsPlain, sealingKey } from "./encryption.ts";
import { encodeKey } from "./key-encoding.ts";
import { isSealed, seal, sealingKeyName, unseal } from "./sealed-value.ts";

/** What a message of the bucket turns out to be for whoever holds these keys. */
export type Opened =
  /** `stale`: it would be written in another form today. */
  | { readonly kind: "open"; readonly payload: Uint8Array; readonly stale: boolean }
  /** Sealed, and this process has no keys at all for the resource: somebody else's. */
  | { readonly kind: "not-ours" }
  | { readonly kind: "refused"; readonly problem: string };

/** The bytes to store for a value of this object. */
export function sealValue(encryption: Encryption, key: ObjectKey, json: string): Uint8Array | string {
  const sealing = sealingKey(encryption, key.resource);
  return sealing ? seal(json, sealing, encodeKey(key)) : json;
}

export function openValue(encryption: Encryption, key: ObjectKey, payload: Uint8Array): Opened {
  const writes = sealingKey(encryption, key.resource);
  if (!isSealed(payload)) {
    if (readsPlain(encryption, key.resource)) return { kind: "open", payload, stale: writes !== undefined };
    return refused("it is not encrypted, and the encryption configuration has no identity provider for it");
  }
  if (!encryption.rules.some(({ resources }) => resources.includes(key.resource))) return { kind: "not-ours" };
  const name = sealingKeyName(payload);
  if (name === undefined) return refused("it is encrypted in a form that this version does not know");
  const sealedWith = findKey(encryption, key.resource, name);
  if (!sealedWith) {
    return refused(`it is encrypted with the key "${name}", which the encryption configuration does not have`);
  }
  const opened = unseal(payload, sealedWith, encodeKey(key));
  if (!opened) return refused(`the key "${name}" does not open it: another secret under that name, or a damaged value`);
  return { kind: "open", payload: opened, stale: writes?.name !== name };
}

const refused = (problem: string): Opened => ({ kind: "refused", problem });
