import { describe, expect, it } from "vitest";
import { parseLogOptions } from "./log-options.ts";

const now = Date.UTC(2026, 0, 1, 0, 1, 0);
const parse = (query: string) => parseLogOptions(new URLSearchParams(query), now);
const none = {
  container: "",
  follow: false,
  previous: false,
  timestamps: false,
  tailLines: undefined,
  limitBytes: undefined,
  sinceNs: 0n,
};

const valid: Record<string, [string, object]> = {
  "nothing asks for all": ["", none],
  "every flag of kubectl": [
    "container=c&follow=true&previous=true&timestamps=true&tailLines=5&limitBytes=10",
    { ...none, container: "c", follow: true, previous: true, timestamps: true, tailLines: 5n, limitBytes: 10n },
  ],
  "no lines": ["tailLines=0", { ...none, tailLines: 0n }],
  "seconds count back from now": ["sinceSeconds=60", { ...none, sinceNs: BigInt(now - 60_000) * 1_000_000n }],
  "a time to the nanosecond": [
    "sinceTime=2026-01-01T01:00:00.000000001%2B01:00",
    { ...none, sinceNs: BigInt(now - 60_000) * 1_000_000n + 1n },
  ],
  "a time before the epoch is all": ["sinceTime=1960-01-01T00:00:00Z", none],
};

const wrong: Record<string, [string, string[]]> = {
  "fewer than no lines": ["tailLines=-1", ["tailLines"]],
  "no bytes": ["limitBytes=0", ["limitBytes"]],
  "a word for a number": ["tailLines=many", ["tailLines"]],
  "two beginnings": ["sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z", [""]],
  "a time that is none": ["sinceTime=yesterday", ["sinceTime"]],
};

describe("parseLogOptions", () => {
  it.each(Object.entries(valid))("%s", (_name, [query, options]) => {
    expect(parse(query)).toEqual({ kind: "options", options });
  });

  it.each(Object.entries(wrong))("refuses %s", (_name, [query, fields]) => {
    const parsed = parse(query);
    expect(parsed.kind === "invalid" && parsed.errors.map(({ field }) => field)).toEqual(fields);
  });
});
