import type { SpanRecord } from "./span-record.ts";

/** What drawing needs; the contract's Span has it too. */
export type TreeSpan = Pick<
  SpanRecord,
  "spanId" | "parentSpanId" | "name" | "service" | "startNs" | "endNs" | "failed" | "statusMessage"
>;

export interface SpanNode<S extends TreeSpan = TreeSpan> {
  readonly span: S;
  readonly children: readonly SpanNode<S>[];
}

/**
 * The spans as trees, everything in order of start. Usually one tree: a span whose parent has not arrived (or
 * that is its own ancestor, in a broken trace) hangs below the first root.
 */
export function growSpanTree<S extends TreeSpan>(spans: readonly S[]): readonly SpanNode<S>[] {
  const ordered = [...spans].sort(byStart);
  const byId = new Map(ordered.map((span) => [span.spanId, span]));
  const roots = ordered.filter((span) => span.parentSpanId === "");
  const first = roots[0] ?? ordered[0];
  if (!first) return [];
  const childrenOf = new Map<S, S[]>();
  for (const span of ordered) {
    if (span === first || span.parentSpanId === "") continue;
    const parent = leadsToRoot(span, byId) ? (byId.get(span.parentSpanId) ?? first) : first;
    const siblings = childrenOf.get(parent);
    if (siblings) siblings.push(span);
    else childrenOf.set(parent, [span]);
  }
  const grow = (span: S): SpanNode<S> => ({ span, children: (childrenOf.get(span) ?? []).map(grow) });
  return (roots.length > 0 ? roots : [first]).map(grow);
}

/** False in a circle of parents. */
function leadsToRoot<S extends TreeSpan>(span: S, byId: ReadonlyMap<string, S>): boolean {
  const seen = new Set<string>();
  for (let at: S | undefined = span; at; at = byId.get(at.parentSpanId)) {
    if (seen.has(at.spanId)) return false;
    seen.add(at.spanId);
  }
  return true;
}

function byStart(a: TreeSpan, b: TreeSpan): number {
  if (a.startNs !== b.startNs) return a.startNs < b.startNs ? -1 : 1;
  // What lasts longer is more likely the outer one.
  if (a.endNs !== b.endNs) return a.endNs > b.endNs ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Nanoseconds of a span that none of its children cover: what it did (or waited for) itself. */
export function ownNanoseconds({ span, children }: SpanNode): bigint {
  const within = (ns: bigint) => (ns < span.startNs ? span.startNs : ns > span.endNs ? span.endNs : ns);
  let own = 0n;
  let coveredUntil = span.startNs;
  for (const child of children) {
    const from = within(child.span.startNs);
    const to = within(child.span.endNs);
    if (from > coveredUntil) own += from - coveredUntil;
    if (to > coveredUntil) coveredUntil = to;
  }
  return own + within(span.endNs) - coveredUntil;
}
