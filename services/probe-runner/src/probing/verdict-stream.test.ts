import { expect, it } from "vitest";
import { VerdictStream } from "./verdict-stream.ts";

const attempt = { changed: false };
const verdict = { changed: true };

async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of from) all.push(each);
  return all;
}

it("hands out what came before and after the reader, then ends", async () => {
  const stream = new VerdictStream<{ changed: boolean }>();
  stream.push(verdict);
  const read = collect(stream.read());
  await Promise.resolve();
  stream.push(attempt);
  stream.end();
  stream.push(verdict);
  expect(await read).toEqual([verdict, attempt]);
});

it("drops attempts for a reader that is far behind, never a verdict", async () => {
  const stream = new VerdictStream<{ changed: boolean }>();
  for (let count = 0; count < 100; count++) stream.push(attempt);
  stream.push(verdict);
  stream.end();
  const read = await collect(stream.read());
  expect([read.length, read.at(-1)]).toEqual([65, verdict]);
});

it("ends with an error rather than without a verdict", async () => {
  const stream = new VerdictStream<{ changed: boolean }>([verdict]);
  for (let count = 0; count < 3_000; count++) stream.push(verdict);
  const read: unknown[] = [];
  await expect(async () => {
    for await (const each of stream.read()) read.push(each);
  }).rejects.toMatchObject({ code: "RESOURCE_EXHAUSTED" });
  expect(read).toHaveLength(2_000);
});

it("tells the reader what broke, after what came before", async () => {
  const stream = new VerdictStream<{ changed: boolean }>();
  stream.push(verdict);
  stream.fail(new Error("broken"));
  const reader = stream.read();
  expect((await reader.next()).value).toEqual(verdict);
  await expect(reader.next()).rejects.toThrow("broken");
});
