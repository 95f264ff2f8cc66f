import {
  type Attributes,
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TimeInput,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";

const w3c = new W3CTraceContextPropagator();

/** The W3C traceparent of a context (default: the active one); undefined without a span. */
export function traceparentOf(of: Context = context.active()): string | undefined {
  const carrier: Record<string, string> = {};
  w3c.inject(of, carrier, defaultTextMapSetter);
  return carrier.traceparent;
}

/** A context whose remote parent is this traceparent; an empty context if it is absent or malformed. */
export function contextOf(traceparent: string | undefined): Context {
  return contextWithTraceparent(ROOT_CONTEXT, traceparent);
}

export function contextWithTraceparent(base: Context, traceparent: string | undefined): Context {
  return traceparent ? w3c.extract(base, { traceparent }, defaultTextMapGetter) : base;
}

export interface SpanOptions {
  readonly attributes?: Attributes;
  readonly kind?: SpanKind;
  /** Default: the active context. */
  readonly parent?: Context;
  readonly startTime?: TimeInput;
}

/** Runs `work` inside a span: it is active meanwhile, ends with it, and records what it throws. */
export async function withSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T> | T,
): Promise<T> {
  const { parent = context.active(), kind = SpanKind.INTERNAL, attributes, startTime } = options;
  const span = tracer.startSpan(
    name,
    { kind, ...(attributes ? { attributes } : {}), ...(startTime === undefined ? {} : { startTime }) },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
}
