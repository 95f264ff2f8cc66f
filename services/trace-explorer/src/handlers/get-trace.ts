import type { Implementation } from "@podbus/bus";
import type { TraceExplorer } from "@podbus/contracts";
import { PodbusError } from "@podbus/errors";
import type { SpanRecord } from "../domain/span-record.ts";
import type { TraceSource } from "../ports.ts";

type GetTrace = Implementation<typeof TraceExplorer>["getTrace"];

export function getTrace(traces: TraceSource): GetTrace {
  return ({ traceId }) => {
    if (!/^[0-9a-f]{32}$/.test(traceId)) {
      throw new PodbusError({
        code: "INVALID_ARGUMENT",
        reason: "BadRequest",
        message: `not a trace id (32 lower-case hexadecimal digits): ${JSON.stringify(traceId.slice(0, 64))}`,
      });
    }
    const spans = traces.get(traceId);
    if (!spans) {
      throw new PodbusError({
        code: "NOT_FOUND",
        reason: "NotFound",
        message: `no spans of trace ${traceId} have arrived`,
      });
    }
    return { spans: spans.map(toContract) };
  };
}

function toContract({ traceId: _traceId, attributes, events, ...span }: SpanRecord) {
  return {
    ...span,
    attributes: { ...attributes },
    events: events.map((event) => ({ ...event, attributes: { ...event.attributes } })),
  };
}
