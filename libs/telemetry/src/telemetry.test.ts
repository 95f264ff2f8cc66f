import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTelemetry } from "./telemetry.ts";

/** A collector that writes down what is sent to it. */
const sent: string[] = [];
const collector = createServer((request, response) => {
  sent.push(`${request.method} ${request.url}`);
  request.resume().on("end", () => response.writeHead(200).end());
});
let endpoint: string;

beforeEach(async () => {
  sent.length = 0;
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  collector.closeAllConnections();
  await new Promise((closed) => collector.close(closed));
});

/** A service that makes one span and one metric and ends. */
async function live(env: Readonly<Record<string, string>>): Promise<string[]> {
  // The exporters read their endpoint themselves.
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { tracer, meter, ...telemetry } = createTelemetry({ service: "tests", level: "silent", env });
  tracer.startSpan("work").end();
  meter.createCounter("work_total").add(1);
  await telemetry[Symbol.asyncDispose]();
  return sent.toSorted();
}

describe("what is sent over OTLP", () => {
  const table: [string, () => Record<string, string>, string[]][] = [
    ["nothing without an endpoint", () => ({}), []],
    [
      "traces and metrics to the endpoint",
      () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
      ["POST /v1/metrics", "POST /v1/traces"],
    ],
    [
      "no metrics where they are switched off",
      () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_METRICS_EXPORTER: "none" }),
      ["POST /v1/traces"],
    ],
    [
      "no traces where they are switched off",
      () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: "none" }),
      ["POST /v1/metrics"],
    ],
    [
      "metrics alone to an endpoint of their own",
      () => ({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${endpoint}/metrics-here` }),
      ["POST /metrics-here"],
    ],
    [
      "nothing where all is switched off",
      () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "true" }),
      [],
    ],
  ];
  it.each(table)("%s", async (_sentence, env, expected) => {
    expect(await live(env())).toEqual(expected);
  });
});
