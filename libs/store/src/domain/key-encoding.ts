import { PodbusError } from "@podbus/errors";
import type { ObjectKey } from "../object-store.ts";

/*
 * A key in the KV alphabet [-/=.\w] is `resource.namespace.name`, three tokens. Inside a token letters, digits, "-" and
 * "_" stand for themselves, "/" stands for "." (names have many), and "=XX" for any other byte of the UTF-8 text.
 * No token is empty: "=" alone stands for the empty text. Every text has exactly one encoding.
 */

const plain = /^[A-Za-z0-9_-]$/;
/** What nearly every name is made of, so that most tokens need no look at their bytes. */
const plainText = /^[A-Za-z0-9_.-]+$/;
const plainToken = /^[A-Za-z0-9_/-]+$/;
const emptyToken = "=";

export function encodeKey(key: ObjectKey): string {
  return [key.resource, key.namespace, key.name].map(encodeToken).join(".");
}

/** The key of an encoded text; undefined if `encodeKey` cannot have made it. */
export function decodeKey(encoded: string): ObjectKey | undefined {
  const tokens = encoded.split(".").map(decodeToken);
  const [resource, namespace, name] = tokens;
  if (tokens.length !== 3 || resource === undefined || namespace === undefined || name === undefined) return undefined;
  const key = { resource, namespace, name };
  return !encoded.includes("=") || encodeKey(key) === encoded ? key : undefined;
}

function encodeToken(text: string): string {
  if (text === "") return emptyToken;
  if (plainText.test(text)) return text.replaceAll(".", "/");
  // A lone surrogate has no UTF-8: it would be replaced, and two names would share a key.
  if (!text.isWellFormed()) {
    throw new PodbusError({ code: "INVALID_ARGUMENT", reason: "Invalid", message: "a name is not valid Unicode" });
  }
  return [...Buffer.from(text, "utf8")].map(encodeByte).join("");
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === ".") return "/";
  if (plain.test(character)) return character;
  return `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

function decodeToken(token: string): string | undefined {
  if (token === emptyToken) return "";
  if (token === "") return undefined;
  if (plainToken.test(token)) return token.replaceAll("/", ".");
  const parts = token.match(/=[0-9A-F]{2}|[A-Za-z0-9_/-]/g) ?? [];
  if (parts.join("") !== token) return undefined;
  return Buffer.from(parts.map(decodeByte)).toString("utf8");
}

function decodeByte(part: string): number {
  if (part === "/") return ".".charCodeAt(0);
  return part.length === 1 ? part.charCodeAt(0) : Number.parseInt(part.slice(1), 16);
}
