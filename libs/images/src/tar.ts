/** One entry of a layer. Paths are relative, without a leading "./". */
export type TarEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode?: number }
  | { readonly kind: "file"; readonly path: string; readonly mode?: number; readonly content: Uint8Array | string }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string };

const blockBytes = 512;
const typeFlags = { directory: "5", file: "0", symlink: "2" } as const;

/**
 * A ustar archive (POSIX.1-1988). Owner root, time zero: the same entries always give the same bytes, so an image
 * built twice has one digest. Paths end at 100 bytes; that is enough for what we pack.
 */
export function packTar(entries: readonly TarEntry[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const content = entry.kind === "file" ? Buffer.from(entry.content) : Buffer.alloc(0);
    parts.push(headerOf(entry, content.length), content, Buffer.alloc(paddingOf(content.length)));
  }
  parts.push(Buffer.alloc(2 * blockBytes));
  return Buffer.concat(parts);
}

const paddingOf = (length: number) => (blockBytes - (length % blockBytes)) % blockBytes;

function headerOf(entry: TarEntry, size: number): Buffer {
  const path = entry.kind === "directory" ? `${entry.path.replace(/\/$/, "")}/` : entry.path;
  const header = Buffer.alloc(blockBytes);
  writeText(header, { at: 0, length: 100, text: path });
  writeOctal(header, { at: 100, length: 8, value: modeOf(entry) });
  writeOctal(header, { at: 108, length: 8, value: 0 });
  writeOctal(header, { at: 116, length: 8, value: 0 });
  writeOctal(header, { at: 124, length: 12, value: size });
  writeOctal(header, { at: 136, length: 12, value: 0 });
  header.fill(" ", 148, 156);
  writeText(header, { at: 156, length: 1, text: typeFlags[entry.kind] });
  if (entry.kind === "symlink") writeText(header, { at: 157, length: 100, text: entry.target });
  writeText(header, { at: 257, length: 6, text: "ustar\0" });
  writeText(header, { at: 263, length: 2, text: "00" });
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  writeText(header, { at: 148, length: 8, text: `${checksum.toString(8).padStart(6, "0")}\0 ` });
  return header;
}

function modeOf(entry: TarEntry): number {
  if (entry.kind === "symlink") return 0o777;
  return entry.mode ?? (entry.kind === "directory" ? 0o755 : 0o644);
}

interface Field {
  readonly at: number;
  readonly length: number;
}

function writeText(header: Buffer, { at, length, text }: Field & { readonly text: string }): void {
  const bytes = Buffer.from(text);
  if (bytes.length > length) throw new RangeError(`too long for a tar header: ${text}`);
  bytes.copy(header, at);
}

function writeOctal(header: Buffer, { at, length, value }: Field & { readonly value: number }): void {
  writeText(header, { at, length, text: `${value.toString(8).padStart(length - 1, "0")}\0` });
}
