import type { Meter } from "@opentelemetry/api";
import type { HookAction, HookOwner } from "./domain/hook-result.ts";

export interface HookRun {
  readonly hook: "postStart" | "preStop";
  readonly handler: HookAction["kind"];
  readonly succeeded: boolean;
  readonly tookMs: number;
}

export interface HookMetrics {
  ran(owner: HookOwner, run: HookRun): void;
}

/** How long hooks took, and how many succeeded. The kubelet has no such metric: the name is podbus' own. */
export function createHookMetrics(meter: Meter): HookMetrics {
  const duration = meter.createHistogram("podbus_hook_duration_seconds", {
    description: "How long lifecycle hooks took, by their results.",
    unit: "s",
    advice: { explicitBucketBoundaries: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300] },
  });
  return {
    ran: ({ namespace, podName: pod, containerName: container }, { hook, handler, succeeded, tookMs }) => {
      const result = succeeded ? "successful" : "failed";
      duration.record(tookMs / 1_000, { hook, handler, result, container, pod, namespace });
    },
  };
}
