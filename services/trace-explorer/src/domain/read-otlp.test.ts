import { Buffer } from "node:buffer";
import { create } from "@bufbuild/protobuf";
import { ExportTraceServiceRequestSchema } from "@podbus/contracts/otlp";
import { describe, expect, it } from "vitest";
import { readOtlpJson } from "./otlp-json.ts";
import { readOtlp } from "./read-otlp.ts";

const json = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { stringValue: "pod-lifecycle" } }] },
      scopeSpans: [
        {
          scope: { name: "podbus" },
          spans: [
            {
              traceId: "5B8EFFF798038103D269B633813FC60C",
              spanId: "EEE19B7EC3C1B174",
              parentSpanId: "EEE19B7EC3C1B173",
              name: "sandbox",
              kind: 1,
              startTimeUnixNano: "1544712660123456789",
              endTimeUnixNano: "1544712661000000000",
              attributes: [
                { key: "pod", value: { stringValue: "web" } },
                { key: "attempt", value: { intValue: "3" } },
                { key: "ok", value: { boolValue: false } },
                { key: "parts", value: { arrayValue: { values: [{ stringValue: "a" }, { doubleValue: 0.5 }] } } },
              ],
              events: [{ name: "ready", timeUnixNano: "1544712660200000000", attributes: [] }],
              status: { code: 2, message: "boom" },
            },
            { traceId: "", spanId: "EEE19B7EC3C1B175", name: "without a trace" },
          ],
        },
      ],
    },
  ],
};

describe("readOtlp", () => {
  it("reads OTLP's JSON: hexadecimal ids, 64-bit numbers as text, unknown fields ignored", () => {
    expect(readOtlp(readOtlpJson(JSON.stringify(json)))).toEqual({
      rejected: 1,
      spans: [
        {
          traceId: "5b8efff798038103d269b633813fc60c",
          spanId: "eee19b7ec3c1b174",
          parentSpanId: "eee19b7ec3c1b173",
          name: "sandbox",
          service: "pod-lifecycle",
          startNs: 1_544_712_660_123_456_789n,
          endNs: 1_544_712_661_000_000_000n,
          attributes: { pod: "web", attempt: "3", ok: "false", parts: '["a",0.5]' },
          failed: true,
          statusMessage: "boom",
          events: [{ name: "ready", atNs: 1_544_712_660_200_000_000n, attributes: {} }],
        },
      ],
    });
  });

  it("names a service that does not name itself", () => {
    const request = create(ExportTraceServiceRequestSchema, {
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1) }] }] }],
    });
    expect(readOtlp(request).spans.map((span) => span.service)).toEqual(["unknown_service"]);
  });

  it("cuts attribute values that are too long", () => {
    const request = create(ExportTraceServiceRequestSchema, {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: Buffer.alloc(16, 1),
                  spanId: Buffer.alloc(8, 1),
                  attributes: [{ key: "k", value: { value: { case: "stringValue", value: "x".repeat(5000) } } }],
                },
              ],
            },
          ],
        },
      ],
    });
    expect(readOtlp(request).spans[0]?.attributes.k).toHaveLength(2049);
  });
});
