import { memoryMeter } from "@podbus/testkit";
import { expect, it } from "vitest";
import { createHookMetrics } from "./hook-metrics.ts";

it("tells how long hooks took, by their results", async () => {
  await using memory = memoryMeter("hook-runner");
  const metrics = createHookMetrics(memory.meter);
  const owner = { namespace: "shop", podName: "web", podUid: "u-1", containerName: "main" };
  metrics.ran(owner, { hook: "preStop", handler: "exec", succeeded: true, tookMs: 1_500 });
  metrics.ran(owner, { hook: "preStop", handler: "exec", succeeded: true, tookMs: 500 });
  metrics.ran(owner, { hook: "postStart", handler: "httpGet", succeeded: false, tookMs: 100 });
  const labels = { container: "main", pod: "web", namespace: "shop" };
  expect(await memory.points("podbus_hook_duration_seconds")).toEqual([
    { attributes: { ...labels, hook: "preStop", handler: "exec", result: "successful" }, count: 2, sum: 2 },
    { attributes: { ...labels, hook: "postStart", handler: "httpGet", result: "failed" }, count: 1, sum: 0.1 },
  ]);
});
