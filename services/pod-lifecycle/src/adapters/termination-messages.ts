import { open, readFile, stat } from "node:fs/promises";
import type { ContainerStatus } from "@podbus/contracts/cri";
import { parseLogLine } from "../domain/log-lines.ts";
import { runtimeAnnotations } from "../domain/runtime-labels.ts";
import { clipMessage, logTail, maxLogBytes, maxMessageBytes } from "../domain/termination-message.ts";

/** The last words of an ended container, by its termination message policy; "" if there are none. */
export async function readTerminationMessage(status: ContainerStatus): Promise<string> {
  const path = status.annotations[runtimeAnnotations.terminationMessagePath];
  const file = status.mounts.find((m) => path && m.containerPath === path)?.hostPath;
  // A byte more than is kept tells whether a character is cut.
  const message = file ? clipMessage(await readEndOf(file, maxMessageBytes + 1)) : "";
  const fallBack = status.annotations[runtimeAnnotations.terminationMessagePolicy] === "FallbackToLogsOnError";
  if (message !== "" || !fallBack || status.exitCode === 0 || !status.logPath) return message;
  return logTail(await lastLines(status.logPath));
}

async function readEndOf(path: string, bytes: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    return await readEnd(path, size, Math.min(bytes, size));
  } catch {
    // The container may have replaced or removed it: then it left no message.
    return new Uint8Array();
  }
}

/** Log entries carry a prefix of some 40 bytes; far more than enough raw bytes for the tail that is kept. */
const rawTailBytes = 64 * maxLogBytes;

async function lastLines(path: string): Promise<string[]> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size === 0) return [];
  const raw = size <= rawTailBytes ? await readFile(path) : await readEnd(path, size, rawTailBytes);
  return raw
    .toString("latin1")
    .split("\n")
    .map((line) => parseLogLine(Buffer.from(line, "latin1")))
    .flatMap((line) => (line ? [line.content.toString()] : []));
}

async function readEnd(path: string, size: number, bytes: number): Promise<Buffer> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, size - bytes);
  return buffer.subarray(0, bytesRead);
}
