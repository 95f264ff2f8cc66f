import { expect, test } from "vitest";
import { parseLogLine, timestampNs } from "./log-lines.ts";

const parse = (text: string) => {
  const line = parseLogLine(Buffer.from(text));
  return line && { ...line, content: line.content.toString() };
};
const timestamp = "2026-01-01T00:00:00.123456789Z";

test.each([
  ["a full line", `${timestamp} stdout F hello world`, { stream: "stdout", partial: false, content: "hello world\n" }],
  ["a part of a line", `${timestamp} stderr P hel`, { stream: "stderr", partial: true, content: "hel" }],
  ["an empty line", `${timestamp} stdout F `, { stream: "stdout", partial: false, content: "\n" }],
  ["an empty line without a space", `${timestamp} stdout F`, { stream: "stdout", partial: false, content: "\n" }],
  ["more tags", `${timestamp} stdout P:x hel`, { stream: "stdout", partial: true, content: "hel" }],
])("%s", (_, text, expected) => {
  expect(parse(text)).toEqual({ timestamp, ...expected });
});

test.each([[""], ["torn"], [`${timestamp} other F x`], [timestamp]])("%j is no log line", (text) => {
  expect(parse(text)).toBeUndefined();
});

test("timestamps keep their nanoseconds", () => {
  expect(timestampNs("2026-01-01T00:00:00.123456789Z")).toBe(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n + 123_456_789n);
  expect(timestampNs("2026-01-01T01:00:00.5+01:00")).toBe(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n + 500_000_000n);
  expect(timestampNs("never")).toBe(0n);
});
