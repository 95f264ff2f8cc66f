/** One line of a CRI log file: `2026-01-01T00:00:00.000000000Z stdout F text`. */
export interface LogLine {
  readonly timestamp: string;
  readonly stream: "stdout" | "stderr";
  /** The runtime split a long line; the next entry of the stream goes on with it. */
  readonly partial: boolean;
  /** With its line feed unless partial. */
  readonly content: Buffer;
}

const space = 0x20;
const lineFeed = Buffer.from("\n");

/** Parses one line without its line feed; undefined if it is not a log line (a torn write). */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const first = line.indexOf(space);
  const second = line.indexOf(space, first + 1);
  if (first < 20 || second < 0) return undefined;
  const third = line.indexOf(space, second + 1);
  const tags = line.subarray(second + 1, third < 0 ? undefined : third).toString("latin1");
  const stream = line.subarray(first + 1, second).toString("latin1");
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  const partial = tags.split(":")[0] === "P";
  const content = third < 0 ? Buffer.alloc(0) : line.subarray(third + 1);
  return {
    timestamp: line.subarray(0, first).toString("latin1"),
    stream,
    partial,
    content: partial ? content : Buffer.concat([content, lineFeed]),
  };
}

/** Unix nanoseconds of an RFC 3339 timestamp with nanoseconds. */
export function timestampNs(timestamp: string): bigint {
  const match = /^(.*?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(timestamp);
  if (!match) return 0n;
  const seconds = Date.parse(`${match[1]}${match[3]}`);
  return Number.isNaN(seconds) ? 0n : BigInt(seconds) * 1_000_000n + BigInt((match[2] ?? "").padEnd(9, "0"));
}
