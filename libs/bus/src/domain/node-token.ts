/**
 * A node's name as one token of a subject. Kubernetes node names are DNS subdomains, so they hold dots, which
 * separate tokens; and a name from outside could hold `*`, `>` or a space. Every character but [-A-Za-z0-9]
 * becomes `_` and two lower-case hexadecimal digits per UTF-8 byte: "a.b" is "a_2eb", "a_b" is "a_5fb".
 * The encoding is reversible and canonical: each name has one token and each token at most one name.
 */
export function encodeNodeName(name: string): string {
  if (name === "") throw new RangeError("a node's name cannot be empty");
  return name.replace(/[^-A-Za-z0-9]/gu, escapeCharacter);
}

/** The name behind a token; undefined for what `encodeNodeName` would never have written. */
export function decodeNodeName(token: string): string | undefined {
  if (!/^(?:[-A-Za-z0-9]|_[0-9a-f]{2})+$/.test(token)) return undefined;
  const name = decodeBytes(token);
  return name !== undefined && encodeNodeName(name) === token ? name : undefined;
}

function escapeCharacter(character: string): string {
  return [...Buffer.from(character, "utf8")].map((byte) => `_${byte.toString(16).padStart(2, "0")}`).join("");
}

function decodeBytes(token: string): string | undefined {
  try {
    return decodeURIComponent(token.replaceAll("_", "%"));
  } catch {
    return undefined; // The bytes are no UTF-8.
  }
}
