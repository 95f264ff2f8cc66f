import { create } from "@bufbuild/protobuf";
import type { CallContext } from "@podbus/bus";
import { GetTraceRequestSchema } from "@podbus/contracts";
import { describe, expect, it } from "vitest";
import { spanRecord } from "../domain/span-fixture.ts";
import { getTrace } from "./get-trace.ts";

const span = spanRecord({ attributes: { pod: "web" }, events: [{ name: "e", atNs: 5n, attributes: { k: "v" } }] });
const handler = getTrace({ get: (traceId) => (traceId === span.traceId ? [span] : undefined) });
const context: CallContext = { signal: AbortSignal.timeout(1000), remainingMs: () => 1000, node: "", caller: "test" };
const call = (traceId: string) => handler(create(GetTraceRequestSchema, { traceId }), context);

describe("GetTrace", () => {
  it("answers all spans, twice the same", async () => {
    const { traceId: _, ...fields } = span;
    expect(await call(span.traceId)).toEqual({ spans: [fields] });
    expect(await call(span.traceId)).toEqual({ spans: [fields] });
  });

  it.each([
    { sentence: "an unknown trace", traceId: "0".repeat(32), code: "NOT_FOUND" },
    { sentence: "what is not a trace id", traceId: "4BF9", code: "INVALID_ARGUMENT" },
  ])("refuses $sentence", ({ traceId, code }) => {
    expect(() => call(traceId)).toThrow(expect.objectContaining({ code }));
  });
});
