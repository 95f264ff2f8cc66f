import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  ExportTraceServiceRequestSchema,
  ExportTraceServiceResponseSchema,
  RpcStatusSchema,
} from "@podbus/contracts/otlp";
import { createLogger, createTelemetry } from "@podbus/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SpanRecord } from "../domain/span-record.ts";
import { type OtlpReceiver, startOtlpReceiver } from "./otlp-receiver.ts";

const log = createLogger({ service: "trace-explorer", level: "silent" });
const protobuf = { "content-type": "application/x-protobuf" };
const json = { "content-type": "application/json; charset=utf-8" };
let received: SpanRecord[];
let receiver: OtlpReceiver;

beforeEach(async () => {
  received = [];
  const sink = { add: (spans: readonly SpanRecord[]) => void received.push(...spans) };
  receiver = await startOtlpReceiver({ host: "127.0.0.1", port: 0, sink, log, maxBodyBytes: 10_000 });
});
afterEach(() => receiver[Symbol.asyncDispose]());

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>, path = "/v1/traces") =>
  fetch(`http://127.0.0.1:${receiver.port}${path}`, { method: "POST", body, headers });

const requestOf = (...spans: { traceId: Uint8Array; name: string }[]) =>
  create(ExportTraceServiceRequestSchema, {
    resourceSpans: [{ scopeSpans: [{ spans: spans.map((span) => ({ ...span, spanId: new Uint8Array(8).fill(7) })) }] }],
  });
const bytesOf = (...spans: Parameters<typeof requestOf>) =>
  new Uint8Array(toBinary(ExportTraceServiceRequestSchema, requestOf(...spans)));
const sandbox = { traceId: new Uint8Array(16).fill(5), name: "sandbox" };

describe("OTLP receiver", () => {
  it("takes protobuf", async () => {
    const response = await post(bytesOf(sandbox), protobuf);
    expect([response.status, response.headers.get("content-type"), (await response.bytes()).length]).toEqual([
      200,
      "application/x-protobuf",
      0,
    ]);
    expect(received.map((span) => span.name)).toEqual(["sandbox"]);
  });

  it("takes gzip", async () => {
    const response = await post(new Uint8Array(gzipSync(bytesOf(sandbox))), {
      ...protobuf,
      "content-encoding": "gzip",
    });
    expect([response.status, received.length]).toEqual([200, 1]);
  });

  it("takes JSON", async () => {
    const span = { traceId: "05".repeat(16), spanId: "07".repeat(8), name: "feed" };
    const response = await post(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }), json);
    expect([response.status, await response.json()]).toEqual([200, {}]);
    expect(received.map((it) => it.traceId)).toEqual([span.traceId]);
  });

  it("keeps the good spans of a request and tells how many it rejects", async () => {
    const response = await post(bytesOf({ ...sandbox, traceId: new Uint8Array(3) }, sandbox), protobuf);
    const answer = fromBinary(ExportTraceServiceResponseSchema, await response.bytes());
    expect([response.status, answer.partialSuccess?.rejectedSpans, received.length]).toEqual([200, 1n, 1]);
  });

  it.each([
    { sentence: "another path", status: 404, send: () => post("{}", json, "/v1/metrics") },
    { sentence: "another content type", status: 415, send: () => post("{}", { "content-type": "text/plain" }) },
    { sentence: "another encoding", status: 415, send: () => post("{}", { ...json, "content-encoding": "br" }) },
    { sentence: "what is not JSON", status: 400, send: () => post("{", json) },
    { sentence: "JSON of another shape", status: 400, send: () => post('{"resourceSpans":3}', json) },
    { sentence: "what is not protobuf", status: 400, send: () => post("hello", protobuf) },
    {
      sentence: "what is not gzip",
      status: 400,
      send: () => post("hello", { ...protobuf, "content-encoding": "gzip" }),
    },
    { sentence: "a body that is too large", status: 413, send: () => post("x".repeat(10_001), protobuf) },
    {
      sentence: "a body that unpacks to too much",
      status: 413,
      send: () => post(new Uint8Array(gzipSync(Buffer.alloc(100_000))), { ...protobuf, "content-encoding": "gzip" }),
    },
  ])("refuses $sentence with $status", async ({ status, send }) => {
    const response = await send();
    expect([response.status, received]).toEqual([status, []]);
  });

  it("refuses another method and names the right one", async () => {
    const response = await fetch(`http://127.0.0.1:${receiver.port}/v1/traces`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("says why in the encoding of the request", async () => {
    const asJson = await post("{", json);
    expect(await asJson.json()).toMatchObject({ message: expect.stringMatching(/not an ExportTraceServiceRequest/) });
    const asProtobuf = await post("hello", protobuf);
    expect(fromBinary(RpcStatusSchema, await asProtobuf.bytes()).message).toMatch(/not an ExportTraceServiceRequest/);
  });

  it("names the address that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const start = startOtlpReceiver({ host: "127.0.0.1", port, sink: { add() {} }, log });
    await expect(start).rejects.toThrow(
      `cannot receive traces on 127.0.0.1:${port} (PODBUS_OTLP_ADDRESS): another process`,
    );
    other.close();
  });

  it("takes what OpenTelemetry's own exporter sends", async () => {
    const endpoint = `http://127.0.0.1:${receiver.port}`;
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
    const telemetry = createTelemetry({ service: "image-puller", level: "silent", env: process.env });
    telemetry.tracer.startSpan("pull image", { attributes: { bytes: 12 } }).end();
    await telemetry[Symbol.asyncDispose]();
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    expect(received.map(({ name, service, attributes }) => ({ name, service, attributes }))).toEqual([
      { name: "pull image", service: "image-puller", attributes: { bytes: "12" } },
    ]);
  });
});
