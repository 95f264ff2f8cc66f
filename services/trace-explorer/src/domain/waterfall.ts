import { growSpanTree, ownNanoseconds, type SpanNode, type TreeSpan } from "./span-tree.ts";
import { type Paint, painter } from "./terminal-colors.ts";

export interface WaterfallOptions {
  /** Columns of the terminal. At least 60 are used. */
  readonly width: number;
  readonly color: boolean;
}

/** One line of the picture before it is laid out. */
interface Row {
  /** The branches that lead to the span, as "│  ├─ ". */
  readonly guide: string;
  /** The branches that go on below it. */
  readonly guideBelow: string;
  readonly node: SpanNode;
}

interface Layout {
  readonly name: number;
  readonly service: number;
  /** 0 if left out. */
  readonly start: number;
  readonly bar: number;
  readonly startNs: bigint;
  readonly totalNs: bigint;
}

const narrowest = 60;
/** Below it the column of start offsets gives its place to the bars. */
const narrowestWithStart = 80;
const timeWidth = 8;
const gap = "  ";

/**
 * A trace as lines for a terminal: the tree of spans with service, start, duration and a bar on a common
 * time axis, and a last line that names the slowest step. No lines for no spans.
 */
export function waterfall(spans: readonly TreeSpan[], options: WaterfallOptions): string[] {
  const roots = growSpanTree(spans);
  const rows = roots.flatMap((root) => rowsOf(root, "", ""));
  if (rows.length === 0) return [];
  const layout = layOut(rows, Math.max(narrowest, options.width));
  const paint = painter(options.color, servicesOf(rows));
  return [
    header(layout, paint),
    ...rows.flatMap((row) => [line(row, layout, paint), ...failure(row, options.width, paint)]),
    "",
    summary(rows, layout, paint),
  ];
}

function rowsOf(node: SpanNode, guide: string, guideBelow: string): Row[] {
  const rows: Row[] = [{ guide, guideBelow: guideBelow + (node.children.length > 0 ? "│  " : "   "), node }];
  node.children.forEach((child, index) => {
    const last = index === node.children.length - 1;
    rows.push(...rowsOf(child, `${guideBelow}${last ? "└─ " : "├─ "}`, `${guideBelow}${last ? "   " : "│  "}`));
  });
  return rows;
}

function layOut(rows: readonly Row[], width: number): Layout {
  const longest = (lengths: readonly number[], limit: number) => Math.min(limit, Math.max(...lengths));
  const name = longest(
    ["SPAN".length, ...rows.map(({ guide, node }) => guide.length + node.span.name.length)],
    Math.floor(width * 0.42),
  );
  const service = longest(
    ["SERVICE".length, ...rows.map(({ node }) => node.span.service.length)],
    Math.floor(width * 0.2),
  );
  const start = width >= narrowestWithStart ? timeWidth : 0;
  const columns = [name, service, start, timeWidth].filter((column) => column > 0);
  const bar = width - columns.reduce((sum, column) => sum + column + gap.length, 0);
  return { name, service, start, bar, ...extent(rows) };
}

function extent(rows: readonly Row[]): Pick<Layout, "startNs" | "totalNs"> {
  const [first] = rows;
  let startNs = first?.node.span.startNs ?? 0n;
  let endNs = startNs;
  for (const { span } of rows.map((row) => row.node)) {
    if (span.startNs < startNs) startNs = span.startNs;
    if (span.endNs > endNs) endNs = span.endNs;
  }
  return { startNs, totalNs: endNs > startNs ? endNs - startNs : 1n };
}

function header(layout: Layout, paint: Paint): string {
  const { name, service, bar, totalNs } = layout;
  const columns = [
    "SPAN".padEnd(name),
    "SERVICE".padEnd(service),
    ...(layout.start > 0 ? ["START".padStart(layout.start)] : []),
    "TIME".padStart(timeWidth),
  ];
  const end = duration(totalNs);
  return paint.faint([...columns, `0${end.padStart(bar - 1)}`].join(gap));
}

function line({ guide, node: { span } }: Row, layout: Layout, paint: Paint): string {
  const nameWidth = Math.max(1, layout.name - guide.length);
  const columns = [
    paint.faint(guide) + paint.name(fit(span.name, nameWidth), span.failed),
    paint.service(fit(span.service, layout.service), span.service),
    ...(layout.start > 0 ? [paint.faint(duration(span.startNs - layout.startNs).padStart(layout.start))] : []),
    duration(span.endNs - span.startNs).padStart(timeWidth),
    paint.bar(bar(span, layout), span.service, span.failed),
  ];
  return columns.join(gap).trimEnd();
}

function failure({ guideBelow, node: { span } }: Row, width: number, paint: Paint): string[] {
  if (!span.failed) return [];
  const message = `✗ ${span.statusMessage.replaceAll(/\s+/g, " ").trim() || "failed"}`;
  return [paint.faint(guideBelow) + paint.failure(cutTo(message, Math.max(narrowest, width) - guideBelow.length))];
}

/** Half a cell is the finest step: "▐██▌". A span that is shorter still shows. */
function bar(span: TreeSpan, { bar: cells, startNs, totalNs }: Layout): string {
  const halves = 2 * cells;
  const at = (ns: bigint) => Number(((ns - startNs) * BigInt(halves * 2) + totalNs) / (totalNs * 2n));
  const from = Math.min(at(span.startNs), halves - 1);
  const to = Math.max(at(span.endNs), from + 1);
  const cell = (index: number) => {
    const left = from <= 2 * index && 2 * index < to;
    const right = from <= 2 * index + 1 && 2 * index + 1 < to;
    return left && right ? "█" : left ? "▌" : right ? "▐" : " ";
  };
  return Array.from({ length: cells }, (_, index) => cell(index))
    .join("")
    .trimEnd();
}

function summary(rows: readonly Row[], { totalNs }: Layout, paint: Paint): string {
  const services = servicesOf(rows).length;
  const [slowest, ownNs] = slowestStep(rows);
  const percent = Math.round(Number((ownNs * 1000n) / totalNs) / 10);
  const step = `${slowest.name} (${slowest.service}) ${duration(ownNs)}, ${percent}%`;
  const counts = `${count(rows.length, "span")}, ${count(services, "service")}`;
  return `Total ${paint.strong(duration(totalNs))} · ${counts} · slowest step: ${paint.strong(step)}`;
}

/** By the time that its children do not explain: the outermost span always lasts longest. */
function slowestStep(rows: readonly Row[]): readonly [TreeSpan, bigint] {
  return rows
    .map(({ node }) => [node.span, ownNanoseconds(node)] as const)
    .reduce((slowest, next) => (next[1] > slowest[1] ? next : slowest));
}

const servicesOf = (rows: readonly Row[]) => [...new Set(rows.map(({ node }) => node.span.service))];

const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;

const cutTo = (text: string, width: number) =>
  text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;

const fit = (text: string, width: number) => cutTo(text, width).padEnd(width);

/** "0.4 ms", "97 ms", "1.25 s", "2m 05s": at most 8 characters up to a day. */
export function duration(ns: bigint): string {
  const ms = Number(ns) / 1e6;
  if (ms < 9.95) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(seconds / 3600)}h ${String(Math.floor(seconds / 60) % 60).padStart(2, "0")}m`;
}
