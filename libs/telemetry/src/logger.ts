import { isSpanContextValid, trace } from "@opentelemetry/api";
import { type DestinationStream, type Logger, pino } from "pino";

export interface LoggerOptions {
  readonly service: string;
  readonly node?: string;
  /** pino level. Default "info". */
  readonly level?: string;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/** A JSON logger whose lines carry the active span's trace_id and span_id. */
export function createLogger(options: LoggerOptions): Logger {
  const base = { service: options.service, ...(options.node ? { node: options.node } : {}) };
  const settings = { level: options.level ?? "info", base, mixin: activeTraceIds };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}

function activeTraceIds(): object {
  const context = trace.getActiveSpan()?.spanContext();
  return context && isSpanContextValid(context) ? { trace_id: context.traceId, span_id: context.spanId } : {};
}
