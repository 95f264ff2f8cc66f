import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { unlessAbsent } from "./unless-absent.ts";
import { writeWhole } from "./write-whole.ts";

/**
 * Gives a file that may be mounted into running containers its content. It stays the same file, or they would see the old one
 * for ever, and a full disk leaves either what was there or a file that is not there, never an empty one. Without a change
 * nothing is written.
 */
export async function ensureSharedFile(path: string, text: string, mode: number): Promise<void> {
  const content = Buffer.from(text);
  const found = await unlessAbsent(stat(path));
  if (!found) return writeWhole(path, content, { mode });
  // A container may have made it as large as the disk: that is not read.
  if (found.size === content.length && content.equals(await readFile(path))) return;
  await overwrite(path, content, found.size);
}

/** First what needs more room than the file has, then what has its room already. */
async function overwrite(path: string, content: Buffer, size: number): Promise<void> {
  await using file = await open(path, "r+");
  try {
    await writeAt(file, content, size);
  } catch (thrown) {
    await file.truncate(size);
    throw thrown;
  }
  await writeAt(file, content.subarray(0, size), 0);
  await file.truncate(content.length);
}

/** Writes what of the content is at `start` and behind it. */
async function writeAt(file: FileHandle, content: Buffer, start: number): Promise<void> {
  for (let at = start; at < content.length; ) {
    at += (await file.write(content, at, content.length - at, at)).bytesWritten;
  }
}
