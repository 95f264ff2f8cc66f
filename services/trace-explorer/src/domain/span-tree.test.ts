import { describe, expect, it } from "vitest";
import { spanRecord } from "./span-fixture.ts";
import { growSpanTree, ownNanoseconds, type SpanNode } from "./span-tree.ts";

const span = (spanId: string, parentSpanId: string, startMs: number, durationMs = 1) =>
  spanRecord({ spanId, parentSpanId, startMs, durationMs });

/** "a(b(c) d)" */
const shapeOf = (nodes: readonly SpanNode[]): string =>
  nodes
    .map(({ span: { spanId }, children }) => spanId + (children.length > 0 ? `(${shapeOf(children)})` : ""))
    .join(" ");

const shapes = [
  { sentence: "nothing grows from nothing", spans: [], shape: "" },
  {
    sentence: "children come in order of start",
    spans: [span("c", "a", 2), span("b", "a", 1), span("a", "", 0)],
    shape: "a(b c)",
  },
  {
    sentence: "of two that start together the longer is first",
    spans: [span("a", "", 0), span("b", "a", 1, 1), span("c", "a", 1, 5)],
    shape: "a(c b)",
  },
  { sentence: "grandchildren nest", spans: [span("a", "", 0), span("b", "a", 1), span("c", "b", 2)], shape: "a(b(c))" },
  {
    sentence: "a span whose parent is missing hangs below the root, in time",
    spans: [span("a", "", 0), span("b", "a", 1), span("x", "lost", 2), span("c", "a", 3)],
    shape: "a(b x c)",
  },
  {
    sentence: "without any root the earliest span is one",
    spans: [span("b", "lost", 1), span("c", "lost", 2)],
    shape: "b(c)",
  },
  {
    sentence: "a circle of parents is cut open",
    spans: [span("a", "", 0), span("b", "c", 1), span("c", "b", 2)],
    shape: "a(b c)",
  },
  {
    sentence: "two roots stay two trees",
    spans: [span("a", "", 0), span("b", "", 1), span("c", "b", 2)],
    shape: "a b(c)",
  },
];

describe("growSpanTree", () => {
  it.each(shapes)("$sentence", ({ spans, shape }) => {
    expect(shapeOf(growSpanTree(spans))).toBe(shape);
  });
});

const owns = [
  { sentence: "without children all of it", children: [], ownMs: 100 },
  { sentence: "less what one child covers", children: [span("b", "a", 10, 30)], ownMs: 70 },
  {
    sentence: "children that overlap count once",
    children: [span("b", "a", 10, 30), span("c", "a", 20, 30)],
    ownMs: 60,
  },
  {
    sentence: "a child inside another adds nothing",
    children: [span("b", "a", 10, 50), span("c", "a", 20, 10)],
    ownMs: 50,
  },
  { sentence: "only the part within the span counts", children: [span("b", "a", 90, 50)], ownMs: 90 },
  { sentence: "a child that follows later covers nothing", children: [span("b", "a", 150, 50)], ownMs: 100 },
];

describe("ownNanoseconds", () => {
  it.each(owns)("$sentence", ({ children, ownMs }) => {
    const [tree] = growSpanTree([span("a", "", 0, 100), ...children]);
    expect(tree && Number(ownNanoseconds(tree)) / 1e6).toBe(ownMs);
  });
});
