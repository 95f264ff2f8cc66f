import { withSpan } from "@podbus/telemetry";
import { expect, test } from "vitest";
import { memoryTracer } from "./memory-tracer.ts";

test("spans are found by service, and edges name child and parent with their services", async () => {
  await using traces = memoryTracer();
  await withSpan(traces.tracer("gateway"), "POST pods", {}, () =>
    withSpan(traces.tracer("admission"), "review", {}, () => {}),
  );
  expect(traces.spans({ service: "admission" }).map(({ name }) => name)).toEqual(["review"]);
  expect(traces.edges()).toEqual(["admission:review → gateway:POST pods", "gateway:POST pods"]);
  traces.clear();
  expect(traces.spans()).toEqual([]);
});
