import { spanRecord } from "./span-fixture.ts";
import type { SpanRecord } from "./span-record.ts";

type Line = readonly [id: string, parent: string, service: string, name: string, startMs: number, durationMs: number];

const lines: readonly Line[] = [
  ["a0", "", "api-gateway", "POST pods", 0, 7.2],
  ["a1", "a0", "api-gateway", "admission", 1.1, 2.4],
  ["a2", "a1", "scheduler-admission", "Admission.Review", 1.6, 1.5],
  ["a3", "a0", "api-gateway", "store write", 3.7, 2.9],
  ["b0", "a0", "scheduler-admission", "queue", 7.4, 0.2],
  ["b1", "a0", "scheduler-admission", "bind", 7.6, 3.1],
  ["c0", "a0", "api-gateway", "feed", 11, 0.6],
  ["d0", "a0", "pod-lifecycle", "pod start", 12, 232],
  ["d1", "d0", "pod-lifecycle", "volumes", 12.4, 1.2],
  ["d2", "d0", "pod-lifecycle", "sandbox", 13.8, 98.3],
  ["d3", "d0", "pod-lifecycle", "pull web", 112.3, 41],
  ["e0", "d3", "image-puller", "ImagePuller.EnsureImage", 112.9, 40],
  ["e1", "e0", "image-puller", "pull image", 113.6, 38.8],
  ["d4", "d0", "pod-lifecycle", "create web", 153.5, 7],
  ["d5", "d0", "pod-lifecycle", "start web", 160.7, 53],
  ["d6", "d0", "pod-lifecycle", "hook web", 214, 12.5],
  ["f0", "d6", "hook-runner", "HookRunner.RunHook", 214.5, 11.6],
  ["g0", "d0", "probe-runner", "first probe success", 227, 12.2],
  ["d7", "d0", "pod-lifecycle", "status", 240, 3.4],
  ["a4", "d7", "api-gateway", "NodeApi.UpdatePodStatus", 240.4, 2.7],
];

/** The trace of one pod start with every service on its path. */
export const podStart: readonly SpanRecord[] = lines.map(([spanId, parentSpanId, service, name, startMs, durationMs]) =>
  spanRecord({ spanId, parentSpanId, service, name, startMs, durationMs }),
);
