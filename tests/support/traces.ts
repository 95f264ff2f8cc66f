import { type Span, TraceExplorer } from "@podbus/contracts";
import { connectAsAdmin, requireInstance } from "podbus";
import type { PodbusProcess } from "./podbus-process.ts";

/** All spans of a trace that have arrived. */
export async function spansOf(podbus: PodbusProcess, traceId: string): Promise<Span[]> {
  await using admin = await connectAsAdmin(await requireInstance(podbus.options.stateDir));
  return (await admin.bus.client(TraceExplorer).getTrace({ traceId })).spans;
}

/** "service span" of each span and of its parent: the edges of a trace, without ids. */
export function edgesOf(spans: readonly Span[]): Set<string> {
  const nameOf = (span: Span) => `${span.service} ${span.name}`;
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return new Set(
    spans.map((span) => {
      const parent = byId.get(span.parentSpanId);
      return `${parent ? nameOf(parent) : span.parentSpanId === "" ? "-" : "?"} > ${nameOf(span)}`;
    }),
  );
}
