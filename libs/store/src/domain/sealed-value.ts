import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { EncryptionKey } from "./encryption.ts";

/*
 * A sealed value: 0x00 (no JSON begins so), format 1, length of the key's name, the name, the wrapped data key, the sealed
 * text; both of the latter as nonce, ciphertext, tag. Both are bound to the object's place, so that one object's value
 * cannot be put in another's.
 */
const mark = 0x00;
const format = 1;
const headBytes = 3;
const nonceBytes = 12;
const tagBytes = 16;
const dataKeyBytes = 32;
const wrappedBytes = nonceBytes + dataKeyBytes + tagBytes;

/** What sealing adds to a value, at most. */
export const sealingBytes = headBytes + 255 + wrappedBytes + nonceBytes + tagBytes;

export function isSealed(payload: Uint8Array): boolean {
  return payload[0] === mark;
}

/** `place` names where the value belongs; the same is needed to open it. */
export function seal(text: string, key: EncryptionKey, place: string): Uint8Array {
  const dataKey = randomBytes(dataKeyBytes);
  const name = Buffer.from(key.name);
  return Buffer.concat([
    Buffer.from([mark, format, name.length]),
    name,
    encrypt(dataKey, key.secret, place),
    encrypt(Buffer.from(text), dataKey, place),
  ]);
}

/** The name of the key that a sealed value was sealed with; undefined if it is not in a form that we know. */
export function sealingKeyName(payload: Uint8Array): string | undefined {
  const length = payload[2] ?? 0;
  if (payload[1] !== format || payload.length < headBytes + length + wrappedBytes + nonceBytes + tagBytes) {
    return undefined;
  }
  return Buffer.from(payload.subarray(headBytes, headBytes + length)).toString();
}

/** Undefined where the key is another one, or the value was changed or moved. */
export function unseal(payload: Uint8Array, key: EncryptionKey, place: string): Uint8Array | undefined {
  const wrappedAt = headBytes + (payload[2] ?? 0);
  const dataKey = decrypt(payload.subarray(wrappedAt, wrappedAt + wrappedBytes), key.secret, place);
  return dataKey && decrypt(payload.subarray(wrappedAt + wrappedBytes), dataKey, place);
}

function algorithmFor(key: Uint8Array): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" {
  return key.length === 16 ? "aes-128-gcm" : key.length === 24 ? "aes-192-gcm" : "aes-256-gcm";
}

function encrypt(plain: Uint8Array, key: Uint8Array, place: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithmFor(key), key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(sealed: Uint8Array, key: Uint8Array, place: string): Uint8Array | undefined {
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithmFor(key), key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    // The only failure of `final` here is a tag that does not fit: what "undefined" says.
    return undefined;
  }
}
