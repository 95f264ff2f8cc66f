import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Encryption, EncryptionKey, EncryptionProvider } from "./encryption.ts";
import { openValue, sealValue } from "./sealing.ts";

const keyNamed = (name: string, bytes = 32): EncryptionKey => ({ name, secret: randomBytes(bytes) });
const [first, second] = [keyNamed("first"), keyNamed("second")];
const aesgcm = (...keys: EncryptionKey[]): EncryptionProvider => ({ kind: "aesgcm", keys });
const identity: EncryptionProvider = { kind: "identity" };
const secretsBy = (...providers: EncryptionProvider[]): Encryption => ({
  rules: [{ resources: ["secrets"], providers }],
});
const none: Encryption = { rules: [] };
const secret = { resource: "secrets", namespace: "default", name: "a" };
const json = '{"metadata":{"name":"a"},"data":{"password":"aHVudGVyMg=="}}';

function bytesOf(sealed: Uint8Array | string): Uint8Array {
  return typeof sealed === "string" ? Buffer.from(sealed) : sealed;
}

describe("what is written is read again", () => {
  it.each([
    { sentence: "sealed with the first key", by: secretsBy(aesgcm(first)), hidden: true },
    { sentence: "as it is, where identity comes first", by: secretsBy(identity, aesgcm(first)), hidden: false },
    { sentence: "as it is, where nothing is said of the resource", by: none, hidden: false },
    { sentence: "with 16 bytes of key", by: secretsBy(aesgcm(keyNamed("k", 16))), hidden: true },
    { sentence: "with 24 bytes of key", by: secretsBy(aesgcm(keyNamed("k", 24))), hidden: true },
  ])("$sentence", ({ by, hidden }) => {
    const stored = bytesOf(sealValue(by, secret, json));
    expect(Buffer.from(stored).includes("aHVudGVyMg==")).toBe(!hidden);
    expect(openValue(by, secret, stored)).toEqual({ kind: "open", payload: Buffer.from(json), stale: false });
  });

  it("for any text", () => {
    const by = secretsBy(aesgcm(first));
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const opened = openValue(by, secret, bytesOf(sealValue(by, secret, text)));
        expect(opened.kind === "open" && Buffer.from(opened.payload).toString()).toBe(text);
      }),
    );
  });

  it("never twice in the same form", () => {
    const by = secretsBy(aesgcm(first));
    expect(sealValue(by, secret, json)).not.toEqual(sealValue(by, secret, json));
  });
});

describe("rotation", () => {
  const old = bytesOf(sealValue(secretsBy(aesgcm(first)), secret, json));
  const payload = Buffer.from(json);
  it.each([
    {
      sentence: "an older key still opens, and the value is to be written anew",
      by: secretsBy(aesgcm(second, first)),
      stored: old,
      opened: { kind: "open", payload, stale: true },
    },
    {
      sentence: "plain text is read where identity allows it, and is to be sealed",
      by: secretsBy(aesgcm(first), identity),
      stored: payload,
      opened: { kind: "open", payload, stale: true },
    },
    {
      sentence: "what is sealed is to be written in plain text once identity comes first",
      by: secretsBy(identity, aesgcm(first)),
      stored: old,
      opened: { kind: "open", payload, stale: true },
    },
    {
      sentence: "a key that is gone is named",
      by: secretsBy(aesgcm(second)),
      stored: old,
      opened: {
        kind: "refused",
        problem: 'it is encrypted with the key "first", which the encryption configuration does not have',
      },
    },
    {
      sentence: "another secret under the same name does not open it",
      by: secretsBy(aesgcm(keyNamed("first"))),
      stored: old,
      opened: {
        kind: "refused",
        problem: 'the key "first" does not open it: another secret under that name, or a damaged value',
      },
    },
    {
      sentence: "plain text is refused without identity",
      by: secretsBy(aesgcm(first)),
      stored: payload,
      opened: {
        kind: "refused",
        problem: "it is not encrypted, and the encryption configuration has no identity provider for it",
      },
    },
    {
      sentence: "who has no keys at all passes over what is sealed",
      by: none,
      stored: old,
      opened: { kind: "not-ours" },
    },
    {
      sentence: "a form of a later version is named as such",
      by: secretsBy(aesgcm(first)),
      stored: Buffer.from([0, 9, 1, 65]),
      opened: { kind: "refused", problem: "it is encrypted in a form that this version does not know" },
    },
  ])("$sentence", ({ by, stored, opened }) => {
    expect(openValue(by, secret, stored)).toEqual(opened);
  });
});

describe("a value cannot be forged", () => {
  const by = secretsBy(aesgcm(first));

  it("by putting it in another object's place", () => {
    const stored = bytesOf(sealValue(by, secret, json));
    expect(openValue(by, { ...secret, name: "b" }, stored).kind).toBe("refused");
  });

  it("by changing any of its bytes", () => {
    const stored = bytesOf(sealValue(by, secret, json));
    for (let at = 1; at < stored.length; at++) {
      const changed = Buffer.from(stored);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(openValue(by, secret, changed).kind, `byte ${at}`).toBe("refused");
    }
  });

  it("by cutting it short", () => {
    const stored = bytesOf(sealValue(by, secret, json));
    for (let length = 1; length < stored.length; length++) {
      expect(openValue(by, secret, stored.subarray(0, length)).kind, `${length} bytes`).toBe("refused");
    }
  });
});
