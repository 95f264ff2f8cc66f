import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryBus } from "@podbus/bus";
import { systemClock } from "@podbus/clock";
import { TraceExplorer } from "@podbus/contracts";
import { createTelemetry } from "@podbus/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spanRecord } from "./domain/span-fixture.ts";
import { startTraceExplorer, TraceStore, traceExplorerConfig } from "./index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "podbus-traces-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("trace-explorer", () => {
  it("answers over the bus with what its host has collected", async () => {
    const network = createMemoryBus({ clock: systemClock });
    await using telemetry = createTelemetry({ service: "trace-explorer", level: "silent", env: {} });
    const { log, tracer } = telemetry;
    await using store = await TraceStore.open({ maxTraces: 10, log });
    store.add([spanRecord()]);
    const config = traceExplorerConfig.parse({ PODBUS_OTLP_ADDRESS: "none", PODBUS_STATE_DIR: directory });
    // No object store here: a service that needs one would not start.
    const runtime = { bus: network.bus("trace-explorer"), clock: systemClock, log, tracer };
    await using _service = await startTraceExplorer(runtime, config, store);
    const client = network.bus("cli").client(TraceExplorer);
    const { spans } = await client.getTrace({ traceId: spanRecord().traceId });
    expect(spans.map(({ name, startNs }) => [name, startNs])).toEqual([["POST pods", spanRecord().startNs]]);
    await expect(client.getTrace({ traceId: "0".repeat(32) })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
