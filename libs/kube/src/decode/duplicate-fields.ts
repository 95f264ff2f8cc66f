/** Deeper documents are refused: every later walk over the value recurses. */
export const deepestDocument = 500;

export type ScanResult =
  | { readonly kind: "ok"; readonly duplicates: readonly string[] }
  | { readonly kind: "too-deep" };

interface Level {
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
}

function pathOf(levels: readonly Level[], last: string): string {
  let path = "";
  for (const level of levels.slice(0, -1)) {
    path += level.keys === undefined ? `[${level.index}]` : `${path === "" ? "" : "."}${level.key}`;
  }
  return path === "" ? last : `${path}.${last}`;
}

/** The end of the string that begins at `start` (a quote). */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at += 2;
    else if (char === 0x22) return at;
    else at += 1;
  }
  return at;
}

function nextSignificant(text: string, from: number): string {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return text[at] ?? "";
}

function readString(raw: string): string {
  return raw.includes("\\") ? String(JSON.parse(raw)) : raw.slice(1, -1);
}

/**
 * Object keys that occur twice, which JSON.parse hides, and the depth, before anything is built.
 * Assumes that JSON.parse judges the syntax: on broken text the answer means nothing.
 */
export function scanJson(text: string): ScanResult {
  const duplicates: string[] = [];
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const top = levels.at(-1);
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at);
        if (top?.keys !== undefined && nextSignificant(text, end + 1) === ":") {
          const raw = text.slice(at, end + 1);
          noteKey(levels, top, raw, duplicates);
        }
        at = end;
        break;
      }
      case 0x7b:
        levels.push({ keys: new Set(), key: "", index: 0 });
        break;
      case 0x5b:
        levels.push({ keys: undefined, key: "", index: 0 });
        break;
      case 0x7d:
      case 0x5d:
        levels.pop();
        break;
      case 0x2c:
        if (top !== undefined) top.index += 1;
        break;
    }
    if (levels.length > deepestDocument) return { kind: "too-deep" };
  }
  return { kind: "ok", duplicates };
}

function noteKey(levels: readonly Level[], top: Level, raw: string, duplicates: string[]): void {
  let key: string;
  try {
    key = readString(raw);
  } catch {
    return; // A broken escape: JSON.parse refuses the document with its own words.
  }
  if (top.keys?.has(key) === true) duplicates.push(pathOf(levels, key));
  top.keys?.add(key);
  top.key = key;
}
