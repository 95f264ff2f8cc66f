import type { Meter } from "@opentelemetry/api";
import type { ProbedContainer, ProbeSpec } from "../domain/probe-spec.ts";
import type { AttemptResult } from "../domain/probe-state.ts";

export interface ProbeMetrics {
  /** Counts the attempts of one probe. */
  of(container: ProbedContainer, spec: ProbeSpec): (result: AttemptResult, tookMs: number) => void;
}

const results = { Success: "successful", Failure: "failed", Unknown: "unknown" } as const;

/** The kubelet's metrics, by its names and labels: prober/prober_manager.go. */
export function createProbeMetrics(meter: Meter): ProbeMetrics {
  const total = meter.createCounter("prober_probe_total", { description: "Attempts of probes, by their results." });
  const duration = meter.createHistogram("prober_probe_duration_seconds", {
    description: "How long attempts of probes took.",
    unit: "s",
    advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
  });
  return {
    of: ({ name: container, pod }, { kind }) => {
      const labels = { probe_type: kind, container, pod: pod.name, namespace: pod.namespace };
      return (result, tookMs) => {
        total.add(1, { ...labels, result: results[result] });
        // As in the kubelet, an attempt that could not be made has no duration.
        if (result !== "Unknown") duration.record(tookMs / 1_000, labels);
      };
    },
  };
}
