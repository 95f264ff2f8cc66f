import { Buffer } from "node:buffer";
import type { AnyValue, ExportTraceServiceRequest, KeyValue, OtlpSpan } from "@podbus/contracts/otlp";
import type { SpanRecord } from "./span-record.ts";

/** Longer attribute values are cut: a trace is for reading, and its memory is bounded by spans. */
const longestValue = 2048;
const errorStatus = 2;

export interface ReadSpans {
  readonly spans: readonly SpanRecord[];
  /** Spans without a usable id. OTLP: reject them, keep the others. */
  readonly rejected: number;
}

export function readOtlp(request: ExportTraceServiceRequest): ReadSpans {
  const spans: SpanRecord[] = [];
  let rejected = 0;
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const service = readAttributes(resource?.attributes ?? [])["service.name"] ?? "unknown_service";
    for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
      if (span.traceId.length === 16 && span.spanId.length === 8) spans.push(readSpan(span, service));
      else rejected++;
    }
  }
  return { spans, rejected };
}

function readSpan(span: OtlpSpan, service: string): SpanRecord {
  return {
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    parentSpanId: hexOf(span.parentSpanId),
    name: span.name,
    service,
    startNs: span.startTimeUnixNano,
    endNs: span.endTimeUnixNano,
    attributes: readAttributes(span.attributes),
    failed: span.status?.code === errorStatus,
    statusMessage: span.status?.message ?? "",
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      atNs: timeUnixNano,
      attributes: readAttributes(attributes),
    })),
  };
}

function readAttributes(pairs: readonly KeyValue[]): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, cut(textOf(value))]));
}

function textOf(value: AnyValue | undefined): string {
  const plain = plainOf(value);
  return typeof plain === "string" ? plain : JSON.stringify(plain);
}

type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

function plainOf(value: AnyValue | undefined): Plain {
  const held = value?.value;
  switch (held?.case) {
    case "intValue":
      return Number(held.value);
    case "bytesValue":
      return Buffer.from(held.value).toString("base64");
    case "arrayValue":
      return held.value.values.map(plainOf);
    case "kvlistValue":
      return Object.fromEntries(held.value.values.map((pair) => [pair.key, plainOf(pair.value)]));
    case undefined:
      return null;
    default:
      return held?.value ?? null;
  }
}

export const cut = (text: string) => (text.length > longestValue ? `${text.slice(0, longestValue)}…` : text);

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
