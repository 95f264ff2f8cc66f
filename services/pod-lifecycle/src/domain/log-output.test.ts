import { expect, test } from "vitest";
import type { LogLine } from "./log-lines.ts";
import { LogOutput, type LogOutputOptions } from "./log-output.ts";

const at = (second: number, content: string, partial = false): LogLine => ({
  timestamp: `2026-01-01T00:00:0${second}.000000000Z`,
  stream: "stdout",
  partial,
  content: Buffer.from(partial ? content : `${content}\n`),
});
const lines = [at(1, "one"), at(2, "tw", true), at(2, "o"), at(3, "three")];

function print(options: Partial<LogOutputOptions>): string {
  const output = new LogOutput({ timestamps: false, sinceNs: 0n, limitBytes: undefined, ...options });
  return lines.map((line) => output.take(line).toString()).join("");
}

test("parts of a line are joined", () => expect(print({})).toBe("one\ntwo\nthree\n"));

test("a timestamp stands before each whole line only", () => {
  const stamp = (second: number) => `2026-01-01T00:00:0${second}.000000000Z`;
  expect(print({ timestamps: true })).toBe(`${stamp(1)} one\n${stamp(2)} two\n${stamp(3)} three\n`);
});

test("lines before `since` are left out", () => {
  expect(print({ sinceNs: BigInt(Date.UTC(2026, 0, 1, 0, 0, 3)) * 1_000_000n })).toBe("three\n");
});

test("the limit cuts in the middle of a line", () => expect(print({ limitBytes: 6 })).toBe("one\ntw"));
