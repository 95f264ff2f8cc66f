import { type FSWatcher, watch } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { type LogLine, parseLogLine } from "../domain/log-lines.ts";
import { compressedSuffix, rotatedLogs } from "../domain/log-rotation.ts";
import { unlessAbsent } from "./unless-absent.ts";

export interface LogFileOptions {
  readonly path: string;
  /** Only the last so many lines. */
  readonly tailLines: number | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Nothing more will be written. */
  readonly hasEnded: () => boolean;
  /** Calls back when `hasEnded` may have changed; the answer ends that. */
  readonly onChange: (listener: () => void) => () => void;
}

const chunkBytes = 64 * 1024;
const newLine = 0x0a;

/**
 * A log file's entries, some at a time, oldest first. Following waits for the file system's word, never by the clock;
 * a file that was put aside (rotation) is read to its end before the new one is opened, and a slow reader is given what
 * was put aside meanwhile. Without following only the current file is read, as by the kubelet.
 */
export async function* readLogFile(options: LogFileOptions): AsyncGenerator<LogLine[]> {
  using changes = new Changes(options);
  let tailLines = options.tailLines;
  let asideBefore: readonly string[] | undefined;
  for (;;) {
    const endedBefore = options.hasEnded();
    const opened = await openCurrent(options.path);
    if (opened) {
      await using reading = opened.file;
      // The first of those that have been put aside since is the one that has just been read.
      const missed = asideBefore ? namesAfter(asideBefore, opened.aside).slice(1) : [];
      for (const name of missed) yield* readAside(join(dirname(options.path), name));
      asideBefore = opened.aside;
      yield* readToEnd(reading, await startOf(reading, tailLines), options, changes);
      tailLines = undefined;
      if (!options.follow || options.signal.aborted) return;
      if (options.hasEnded() && !(await wasReplaced(reading, options.path))) return;
    } else {
      if (!options.follow || endedBefore || options.signal.aborted) return;
      await changes.next();
    }
  }
}

async function* readToEnd(
  file: FileHandle,
  start: number,
  options: LogFileOptions,
  changes: Changes,
): AsyncGenerator<LogLine[]> {
  let position = start;
  let rest: Buffer = Buffer.alloc(0);
  for (;;) {
    // Asked before reading: what is written until the end is seen is read in this round.
    const last = options.hasEnded();
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
    position += bytesRead;
    if (bytesRead > 0) {
      const [lines, unfinished] = splitLines(Buffer.concat([rest, buffer.subarray(0, bytesRead)]));
      rest = unfinished;
      if (lines.length > 0) yield lines;
    } else if (!options.follow || last || options.signal.aborted || (await wasReplaced(file, options.path))) {
      return;
    } else if ((await file.stat()).size < position) {
      position = 0;
    } else {
      await changes.next();
    }
    if (options.signal.aborted) return;
  }
}

function splitLines(data: Buffer): [LogLine[], Buffer] {
  const lines: LogLine[] = [];
  let from = 0;
  for (let end = data.indexOf(newLine); end >= 0; end = data.indexOf(newLine, from)) {
    const line = parseLogLine(data.subarray(from, end));
    if (line) lines.push(line);
    from = end + 1;
  }
  return [lines, Buffer.from(data.subarray(from))];
}

/** Where the last `tailLines` lines begin, searched from the end. */
async function startOf(file: FileHandle, tailLines: number | undefined): Promise<number> {
  if (tailLines === undefined) return 0;
  const { size } = await file.stat();
  if (tailLines <= 0) return size;
  let wanted = tailLines + 1;
  for (let end = size; end > 0; end -= chunkBytes) {
    const start = Math.max(0, end - chunkBytes);
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    for (let at = buffer.lastIndexOf(newLine); at >= 0; at = at === 0 ? -1 : buffer.lastIndexOf(newLine, at - 1)) {
      wanted -= 1;
      if (wanted === 0) return start + at + 1;
    }
  }
  return 0;
}

interface Opened {
  readonly file: FileHandle;
  /** Older files of this log, the oldest first, by the names that they had before they were compressed. */
  readonly aside: readonly string[];
}

/** The current file, and what was put aside when it was the current one. */
async function openCurrent(path: string): Promise<Opened | undefined> {
  for (;;) {
    const before = await asideOf(path);
    const file = await openIfThere(path);
    if (!file) return undefined;
    const aside = await asideOf(path);
    if (aside.at(-1) === before.at(-1)) return { file, aside };
    await file.close();
  }
}

async function asideOf(path: string): Promise<string[]> {
  const names = await unlessAbsent(readdir(dirname(path)), []);
  return [...new Set(rotatedLogs(basename(path), names).map((name) => name.replace(compressedSuffix, "")))];
}

/** Names sort by time. */
function namesAfter(before: readonly string[], now: readonly string[]): string[] {
  const newest = before.at(-1) ?? "";
  return now.filter((name) => name > newest);
}

async function* readAside(path: string): AsyncGenerator<LogLine[]> {
  const plain = await openIfThere(path);
  const file = plain ?? (await openIfThere(`${path}${compressedSuffix}`));
  // There are more than may be kept: it is gone.
  if (!file) return;
  await using reading = file;
  const bytes = reading.createReadStream({ autoClose: false });
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of plain ? bytes : bytes.pipe(createGunzip())) {
    const [lines, unfinished] = splitLines(Buffer.concat([rest, chunk]));
    rest = unfinished;
    if (lines.length > 0) yield lines;
  }
}

const openIfThere = (path: string): Promise<FileHandle | undefined> => unlessAbsent(open(path, "r"));

/** Whether another file has the name now. */
async function wasReplaced(file: FileHandle, path: string): Promise<boolean> {
  const [here, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
  return there !== undefined && there.ino !== here.ino;
}

/** News about the file, its directory or its container; what came since the last wait counts. */
class Changes implements Disposable {
  readonly #watcher: FSWatcher | undefined;
  readonly #release: () => void;
  readonly #signal: AbortSignal;
  #changed = false;
  #wake: () => void = () => {};

  constructor({ path, follow, signal, onChange }: LogFileOptions) {
    this.#signal = signal;
    this.#watcher = follow ? watchDirectory(dirname(path), this.#note) : undefined;
    this.#release = onChange(this.#note);
    signal.addEventListener("abort", this.#note, { once: true });
  }

  async next(): Promise<void> {
    if (!this.#changed && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#changed = false;
  }

  [Symbol.dispose](): void {
    this.#watcher?.close();
    this.#release();
    this.#signal.removeEventListener("abort", this.#note);
  }

  readonly #note = (): void => {
    this.#changed = true;
    this.#wake();
  };
}

/** Undefined where there is no such directory: the container's own changes remain. */
function watchDirectory(path: string, listener: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, listener);
    // The directory was removed: the container's end is told in another way.
    watcher.on("error", listener);
    return watcher;
  } catch {
    return undefined;
  }
}
