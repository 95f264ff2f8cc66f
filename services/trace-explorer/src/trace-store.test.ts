import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, createTelemetry } from "@podbus/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collectorSpanProcessor } from "./collector-span-processor.ts";
import { spanRecord } from "./domain/span-fixture.ts";
import { TraceStore } from "./trace-store.ts";

const log = createLogger({ service: "trace-explorer", level: "silent" });
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-traces-"));
});
afterEach(() => rm(directory, { recursive: true }));

const openStore = (maxTraces = 10) => TraceStore.open({ maxTraces, directory, log });

describe("TraceStore", () => {
  it("has after a restart the traces from before", async () => {
    const before = await openStore();
    before.add([spanRecord()]);
    await before[Symbol.asyncDispose]();
    await using after = await openStore();
    expect(after.get(spanRecord().traceId)).toEqual([spanRecord()]);
  });

  it("does not write a span twice", async () => {
    const before = await openStore();
    before.add([spanRecord()]);
    before.add([spanRecord()]);
    await before[Symbol.asyncDispose]();
    await using after = await openStore();
    expect(after.size).toEqual({ traces: 1, spans: 1 });
  });

  it("stays bounded when the files hold more", async () => {
    const before = await openStore();
    for (const traceId of ["a", "b", "c"]) before.add([spanRecord({ traceId })]);
    await before[Symbol.asyncDispose]();
    await using after = await openStore(2);
    expect([after.get("a"), after.size.traces]).toEqual([undefined, 2]);
  });

  it("collects the spans of its own process", async () => {
    await using store = await openStore();
    await using telemetry = createTelemetry({
      service: "pod-lifecycle",
      level: "silent",
      env: {},
      spanProcessors: [collectorSpanProcessor(store)],
    });
    const span = telemetry.tracer.startSpan("sandbox", { attributes: { pod: "web", attempt: 2 } });
    span.end();
    expect(store.get(span.spanContext().traceId)).toMatchObject([
      {
        name: "sandbox",
        service: "pod-lifecycle",
        parentSpanId: "",
        attributes: { pod: "web", attempt: "2" },
        failed: false,
      },
    ]);
  });
});
