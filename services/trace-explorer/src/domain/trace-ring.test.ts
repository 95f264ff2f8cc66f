import { describe, expect, it } from "vitest";
import { spanRecord } from "./span-fixture.ts";
import { TraceRing } from "./trace-ring.ts";

const limits = { maxTraces: 2, maxSpans: 4, maxSpansPerTrace: 3 };

function ringOf(...spans: readonly [trace: string, span: string][]): TraceRing {
  const ring = new TraceRing(limits);
  for (const [traceId, spanId] of spans) ring.add(spanRecord({ traceId, spanId }));
  return ring;
}

function idsOf(ring: TraceRing, ...traces: string[]): (string | undefined)[] {
  return traces.map((id) =>
    ring
      .get(id)
      ?.map((span) => span.spanId)
      .join(""),
  );
}

const cases: readonly { sentence: string; spans: [string, string][]; kept: (string | undefined)[] }[] = [
  {
    sentence: "keeps spans by trace in order of arrival",
    spans: [
      ["A", "1"],
      ["B", "1"],
      ["A", "2"],
    ],
    kept: ["12", "1", undefined],
  },
  {
    sentence: "keeps a span that arrives twice once",
    spans: [
      ["A", "1"],
      ["A", "1"],
    ],
    kept: ["1", undefined, undefined],
  },
  {
    sentence: "drops the trace that was silent longest",
    spans: [
      ["A", "1"],
      ["B", "1"],
      ["A", "2"],
      ["C", "1"],
    ],
    kept: ["12", undefined, "1"],
  },
  {
    sentence: "keeps the first spans of a trace that has too many",
    spans: [
      ["A", "1"],
      ["A", "2"],
      ["A", "3"],
      ["A", "4"],
    ],
    kept: ["123", undefined, undefined],
  },
  {
    sentence: "drops whole old traces when there are too many spans",
    spans: [
      ["A", "1"],
      ["A", "2"],
      ["B", "1"],
      ["B", "2"],
      ["B", "3"],
    ],
    kept: [undefined, "123", undefined],
  },
];

describe("TraceRing", () => {
  it.each(cases)("$sentence", ({ spans, kept }) => {
    expect(idsOf(ringOf(...spans), "A", "B", "C")).toEqual(kept);
  });

  it("counts what it keeps", () => {
    expect(ringOf(["A", "1"], ["B", "1"], ["B", "2"], ["C", "1"]).size).toEqual({ traces: 2, spans: 3 });
  });

  it("says whether a span was kept", () => {
    const ring = ringOf(["A", "1"]);
    expect(ring.add(spanRecord({ traceId: "A", spanId: "2" }))).toBe(true);
    expect(ring.add(spanRecord({ traceId: "A", spanId: "2" }))).toBe(false);
  });
});
