import { describe, expect, it } from "vitest";
import { spanRecord } from "./span-fixture.ts";
import { readSpanLine, writeSpanLine } from "./span-line.ts";

const span = spanRecord({
  attributes: { startNs: "an attribute of this name stays text" },
  events: [{ name: "pulled", atNs: 1_760_000_000_123_456_789n, attributes: { bytes: "12" } }],
  failed: true,
  statusMessage: "no such image",
});

describe("span lines", () => {
  it("give back what was written, to the nanosecond", () => {
    expect(readSpanLine(writeSpanLine(span))).toEqual(span);
  });

  it.each(["", "{", "null", "{}", writeSpanLine(span).slice(0, 80)])("are ignored when torn: %j", (line) => {
    expect(readSpanLine(line)).toBeUndefined();
  });
});
