import { systemClock } from "@podbus/clock";
import { TraceExplorer } from "@podbus/contracts";
import { type SpanRecord, startTraceExplorer, TraceStore, traceExplorerConfig } from "trace-explorer";
import { expect } from "vitest";
import { defineSuite } from "../harness/contract-suite.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";

const root: SpanRecord = {
  traceId,
  spanId: "b7ad6b7169203331",
  parentSpanId: "",
  name: "POST pods",
  service: "api-gateway",
  startNs: 1_000n,
  endNs: 9_000n,
  attributes: { "http.request.method": "POST" },
  failed: false,
  statusMessage: "",
  events: [],
};

const child: SpanRecord = {
  ...root,
  spanId: "00f067aa0ba902b7",
  parentSpanId: root.spanId,
  name: "admission",
  attributes: {},
  failed: true,
  statusMessage: "refused",
  events: [{ name: "retry", atNs: 2_000n, attributes: { attempt: "2" } }],
};

export const traceExplorerSuite = defineSuite({
  service: TraceExplorer,
  target: {},
  start: async ({ bus, log, tracer, cleanup }) => {
    const store = cleanup.use(await TraceStore.open({ maxTraces: 10, log }));
    const config = traceExplorerConfig.parse({ PODBUS_OTLP_ADDRESS: "none" });
    const runtime = { bus: await bus("trace-explorer"), clock: systemClock, log, tracer };
    cleanup.use(await startTraceExplorer(runtime, config, store));
    return { store };
  },
  examples: {
    getTrace: [
      {
        that: "all spans of the trace that have arrived",
        given: ({ store }) => store.add([root, child, { ...root, traceId: "1".repeat(32) }]),
        request: { traceId },
        answer: {
          reply: {
            spans: [
              {
                spanId: "b7ad6b7169203331",
                name: "POST pods",
                service: "api-gateway",
                startNs: 1_000,
                endNs: 9_000,
                attributes: { "http.request.method": "POST" },
              },
              {
                spanId: "00f067aa0ba902b7",
                parentSpanId: "b7ad6b7169203331",
                name: "admission",
                service: "api-gateway",
                startNs: 1_000,
                endNs: 9_000,
                failed: true,
                statusMessage: "refused",
                events: [{ name: "retry", atNs: 2_000, attributes: { attempt: "2" } }],
              },
            ],
          },
        },
      },
      {
        that: "a trace of which nothing has arrived",
        request: { traceId },
        answer: { error: { code: "NOT_FOUND", reason: "NotFound", message: expect.stringContaining(traceId) } },
      },
      {
        that: "what is no trace id",
        request: { traceId: traceId.toUpperCase() },
        answer: { error: { code: "INVALID_ARGUMENT", reason: "BadRequest" } },
      },
    ],
  },
});
