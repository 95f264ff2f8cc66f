import { Buffer } from "node:buffer";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { type ExportTraceServiceRequest, ExportTraceServiceRequestSchema } from "@podbus/contracts/otlp";

const hexadecimalFields = new Set(["traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id"]);

/**
 * OTLP's JSON is protobuf's, but ids are hexadecimal instead of base64
 * (opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding").
 */
export function readOtlpJson(text: string): ExportTraceServiceRequest {
  const json = JSON.parse(text, (key, value) =>
    hexadecimalFields.has(key) && typeof value === "string" ? base64OfHex(value) : value,
  ) as JsonValue;
  return fromJson(ExportTraceServiceRequestSchema, json, { ignoreUnknownFields: true });
}

const base64OfHex = (hex: string) => Buffer.from(hex, "hex").toString("base64");
