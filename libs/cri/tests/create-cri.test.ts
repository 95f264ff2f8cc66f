import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { FakeClock } from "@podbus/clock";
import { VersionRequestSchema, VersionResponseSchema } from "@podbus/contracts/cri";
import { withSpan } from "@podbus/telemetry";
import { memoryTracer } from "@podbus/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCri } from "../src/create-cri.ts";
import type { Cri } from "../src/cri.ts";

type Answer = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void;

let server: Server;
let answer: Answer;
let cri: Cri;
let clock: FakeClock;
let endpoint: string;

beforeEach(async () => {
  server = new Server();
  const bytes = (value: Buffer) => value;
  const path = "/runtime.v1.RuntimeService/Version";
  const definition = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  server.addService(
    { version: definition },
    {
      version: (call: Parameters<Answer>[0], callback: Parameters<Answer>[1]) => answer(call, callback),
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  clock = new FakeClock();
  endpoint = `127.0.0.1:${port}`;
  cri = createCri({ endpoint, clock });
});

afterEach(async () => {
  await cri[Symbol.asyncDispose]();
  server.forceShutdown();
});

const reply = (runtimeVersion: string) =>
  Buffer.from(toBinary(VersionResponseSchema, create(VersionResponseSchema, { runtimeVersion })));

test("a request and its answer are carried as protobuf", async () => {
  let asked = "";
  answer = (call, callback) => {
    asked = fromBinary(VersionRequestSchema, call.request).version;
    callback(null, reply("9.9"));
  };
  await expect(cri.runtime.version({ version: "v1" })).resolves.toMatchObject({ runtimeVersion: "9.9" });
  expect(asked).toBe("v1");
});

test("the active span's context travels as traceparent, and nothing without one", async () => {
  await using traces = memoryTracer();
  const seen: unknown[] = [];
  answer = (call, callback) => {
    seen.push(call.metadata.get("traceparent")[0]);
    callback(null, reply("1"));
  };
  await cri.runtime.version({});
  await withSpan(traces.tracer("test"), "caller", {}, () => cri.runtime.version({}));
  const [span] = traces.spans();
  expect(seen).toEqual([undefined, `00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`]);
});

describe("failures", () => {
  const cases = [
    { that: "not found", grpc: status.NOT_FOUND, code: "NOT_FOUND", retryable: false },
    { that: "unauthenticated", grpc: status.UNAUTHENTICATED, code: "UNAUTHENTICATED", retryable: false },
    { that: "unknown", grpc: status.UNKNOWN, code: "UNKNOWN", retryable: false },
    { that: "aborted", grpc: status.ABORTED, code: "ABORTED", retryable: true },
  ];
  test.each(cases)("$that keeps its code and the runtime's words", async ({ grpc, code, retryable }) => {
    answer = (_, callback) => callback({ code: grpc, details: "the runtime's words", metadata: new Metadata() });
    await expect(cri.runtime.version({})).rejects.toMatchObject({ code, message: "the runtime's words", retryable });
  });

  test("no answer within timeoutMs is DEADLINE_EXCEEDED, and the runtime is told", async () => {
    const called = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    answer = (call) => {
      call.on("cancelled", () => cancelled.resolve());
      called.resolve();
    };
    const outcome = expect(cri.runtime.version({}, { timeoutMs: 5000 })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: "container runtime: Version did not answer within 5000 ms",
    });
    await called.promise;
    await clock.step(5000);
    await outcome;
    await cancelled.promise;
  });

  test("what a call may take without a word of its caller is the client's to say", async () => {
    const called = Promise.withResolvers<void>();
    answer = () => called.resolve();
    await using hasty = createCri({ endpoint, clock, requestTimeoutMs: 2000 });
    const outcome = expect(hasty.runtime.version({})).rejects.toMatchObject({
      message: "container runtime: Version did not answer within 2000 ms",
    });
    await called.promise;
    await clock.step(2000);
    await outcome;
  });

  test("an aborted signal is CANCELLED, before and during the call", async () => {
    const called = Promise.withResolvers<void>();
    answer = () => called.resolve();
    const stop = new AbortController();
    const outcome = expect(cri.runtime.version({}, { signal: stop.signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    await called.promise;
    stop.abort();
    await outcome;
    await expect(cri.runtime.version({}, { signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
  });

  test("nobody listening is UNAVAILABLE and names the call", async () => {
    await using nobody = createCri({ endpoint: "unix:///nonexistent/containerd.sock", clock });
    await expect(nobody.runtime.version({})).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(/^container runtime: Version: /),
    });
  });
});
