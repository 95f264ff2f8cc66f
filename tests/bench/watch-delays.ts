import type { IncomingMessage } from "node:http";
import { eventually } from "@podbus/testkit";
import type { ApiClient } from "../support/api-client.ts";

const watches = 500;
const changesPerSecond = 100;
const seconds = 10;

/**
 * How long each of 500 watches waits for each of 1,000 changes, milliseconds. `change` makes one, each of
 * another object, that carries the mark in "bench/sent". Sender and readers are this process, so its clock serves both.
 */
export async function watchDelays(
  api: ApiClient,
  path: string,
  change: (mark: string, index: number) => Promise<void>,
): Promise<number[]> {
  const delaysMs: number[] = [];
  const open: IncomingMessage[] = [];
  const sentMark = /"bench\/sent":"([\d.]+)"/g;
  let counting = false;
  const read = (chunk: Buffer) => {
    const now = performance.now();
    if (counting) for (const [, sent] of chunk.toString("latin1").matchAll(sentMark)) delaysMs.push(now - Number(sent));
  };
  for (let index = 0; index < watches; index += 1) {
    const response = await api.open("GET", path);
    if (response.statusCode !== 200) throw new Error(`a watch was refused: ${response.statusCode}`);
    response.on("data", read);
    open.push(response);
  }
  counting = true;
  const changes = changesPerSecond * seconds;
  const begun = performance.now();
  const sending: Promise<void>[] = [];
  for (let sent = 0; sent < changes; sent += 1) {
    const dueMs = begun + (sent * 1000) / changesPerSecond - performance.now();
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    sending.push(change(performance.now().toFixed(3), sent));
  }
  await Promise.all(sending);
  await eventually(() => delaysMs.length >= watches * changes, {
    timeoutMs: 60_000,
    message: "not every watch saw every change",
  });
  for (const response of open) response.destroy();
  return delaysMs;
}
