import type { Attributes, Meter } from "@opentelemetry/api";
import { type DataPoint, type Histogram, MetricReader } from "@opentelemetry/sdk-metrics";
import { createTelemetry } from "@podbus/telemetry";

/** Metrics of one service, kept in memory. */
export interface MemoryMeter extends AsyncDisposable {
  readonly meter: Meter;
  /** What was counted under this name so far: a counter's sum, a histogram's number and sum of values, by attributes. */
  points(name: string): Promise<MetricPoint[]>;
}

export interface MetricPoint {
  readonly attributes: Attributes;
  readonly count: number;
  readonly sum: number;
}

/** Read when it is asked, and at no other time. */
class ManualReader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}
}

export function memoryMeter(service: string): MemoryMeter {
  const reader = new ManualReader();
  const telemetry = createTelemetry({ service, level: "silent", metricReaders: [reader], env: {} });
  return {
    meter: telemetry.meter,
    points: async (name) => {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw errors[0];
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
      const wanted = metrics.filter(({ descriptor }) => descriptor.name === name);
      const points = wanted.flatMap((metric): readonly Point[] => metric.dataPoints);
      return points.map(pointOf);
    },
    [Symbol.asyncDispose]: () => telemetry[Symbol.asyncDispose](),
  };
}

type Point = DataPoint<number | Pick<Histogram, "count" | "sum">>;

function pointOf({ attributes, value }: Point): MetricPoint {
  if (typeof value === "number") return { attributes, count: value, sum: value };
  return { attributes, count: value.count, sum: value.sum ?? 0 };
}
