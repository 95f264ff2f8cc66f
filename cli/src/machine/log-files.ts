import { appendFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Writable } from "node:stream";
import type { DestinationStream } from "pino";

/** Lines of half a second, or so many bytes, are written together: a write per line costs more than making it. */
const gatherMs = 500;
const gatherBytes = 4_096;
/** That may wait for a slow disk. */
const maxWaitingBytes = 4 * 1024 * 1024;

/**
 * podbus' own log. What the disk does not take is lost, and counted by the next line that it takes. pino's destination ends the
 * process on a full disk, and its flushSync (sonic-boom 4.2) repeats a failed write without an end.
 */
export class OwnLog implements DestinationStream, AsyncDisposable {
  readonly #path: string;
  readonly #file: AppendedFile;
  readonly #atExit = () => this.#flushAtExit();
  #waiting: string[] = [];
  #bytes = 0;
  #lostLines = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#file = new AppendedFile(path);
    process.once("exit", this.#atExit);
  }

  write(line: string): void {
    if (this.#bytes > maxWaitingBytes) {
      this.#lostLines++;
      return;
    }
    this.#waiting.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= gatherBytes) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), gatherMs).unref();
  }

  /** Lines that come afterwards are written as the process ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#begin();
    while (this.#writing) await this.#writing;
    await this.#file.close();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const { text, lines } = this.#take();
      if (!(await this.#file.append(text))) this.#lostLines += lines;
    }
  }

  #take(): { readonly text: string; readonly lines: number } {
    const lines = this.#waiting;
    const lost = this.#lostLines;
    this.#waiting = [];
    this.#bytes = 0;
    this.#lostLines = 0;
    if (lost === 0) return { text: lines.join(""), lines: lines.length };
    // It may follow the half of a line.
    const note = JSON.stringify({
      level: 40,
      time: Date.now(),
      lost,
      msg: "lines of this log are lost: it could not be written",
    });
    return { text: `\n${note}\n${lines.join("")}`, lines: lines.length + lost };
  }

  #flushAtExit(): void {
    if (this.#waiting.length === 0) return;
    try {
      appendFileSync(this.#path, this.#take().text, { mode: 0o600 });
    } catch {
      // Nobody is left to be told.
    }
  }
}

/** Where a child's output is appended. What the disk does not take is lost: the child must never wait for its reader. */
export function openOutputLog(path: string): Writable {
  const file = new AppendedFile(path);
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void file.append(chunk).then(() => done()),
    final: (done) => void file.close().then(() => done(), done),
  });
}

class AppendedFile {
  readonly #path: string;
  #handle: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether all of it has been written. */
  async append(data: string | Buffer): Promise<boolean> {
    try {
      this.#handle ??= await open(this.#path, "a", 0o600);
      await this.#handle.appendFile(data);
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
