import { memoryMeter } from "@podbus/testkit";
import { expect, it } from "vitest";
import type { ProbedContainer, ProbeSpec } from "../domain/probe-spec.ts";
import { createProbeMetrics } from "./probe-metrics.ts";

const spec: ProbeSpec = {
  kind: "Liveness",
  action: { kind: "exec", command: ["check"] },
  initialDelayMs: 0,
  periodMs: 1_000,
  timeoutMs: 1_000,
  thresholds: { success: 1, failure: 3 },
  known: undefined,
};
const container: ProbedContainer = {
  id: "c1",
  name: "main",
  pod: { namespace: "shop", name: "web", uid: "u-1" },
  startedAtMs: 0,
  probes: [spec],
};

it("counts attempts as the kubelet does, and how long they took", async () => {
  await using memory = memoryMeter("probe-runner");
  const attempted = createProbeMetrics(memory.meter).of(container, spec);
  attempted("Success", 20);
  attempted("Success", 30);
  attempted("Failure", 1_000);
  attempted("Unknown", 5);
  const labels = { probe_type: "Liveness", container: "main", pod: "web", namespace: "shop" };
  expect(await memory.points("prober_probe_total")).toEqual([
    { attributes: { ...labels, result: "successful" }, count: 2, sum: 2 },
    { attributes: { ...labels, result: "failed" }, count: 1, sum: 1 },
    { attributes: { ...labels, result: "unknown" }, count: 1, sum: 1 },
  ]);
  expect(await memory.points("prober_probe_duration_seconds")).toEqual([
    { attributes: labels, count: 3, sum: expect.closeTo(1.05) },
  ]);
});
