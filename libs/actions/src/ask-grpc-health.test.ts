import { type AddressInfo, createServer, type Socket } from "node:net";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from "@grpc/grpc-js";
import { FakeClock, systemClock } from "@podbus/clock";
import {
  HealthCheckResponse_ServingStatus as Health,
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
} from "@podbus/contracts/health";
import { afterEach, describe, expect, it } from "vitest";
import { askGrpcHealth } from "./ask-grpc-health.ts";

const cleanup: (() => void)[] = [];
afterEach(() => {
  for (const end of cleanup.splice(0)) end();
});

type Answer = (
  service: string,
  call: ServerUnaryCall<HealthCheckRequest, Health>,
  reply: sendUnaryData<Health>,
) => void;

/** A real gRPC server with the health service; its answers are the test's. */
async function serve(answer: Answer): Promise<number> {
  const server = new Server();
  const check = {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: (request: HealthCheckRequest) => Buffer.from(toBinary(HealthCheckRequestSchema, request)),
    requestDeserialize: (bytes: Buffer) => fromBinary(HealthCheckRequestSchema, bytes),
    responseSerialize: (health: Health) =>
      Buffer.from(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status: health }))),
    responseDeserialize: (bytes: Buffer) => fromBinary(HealthCheckResponseSchema, bytes).status,
  };
  server.addService(
    { check },
    {
      check: (call: ServerUnaryCall<HealthCheckRequest, Health>, reply: sendUnaryData<Health>) =>
        answer(call.request.service, call, reply),
    },
  );
  cleanup.push(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

const ask = (port: number, { service = "", clock = systemClock, signal = new AbortController().signal } = {}) =>
  askGrpcHealth({ kind: "grpc", host: "127.0.0.1", port, service }, { clock, timeoutMs: 5_000, signal });

describe("the answer", () => {
  it.each(["SERVING", "NOT_SERVING", "SERVICE_UNKNOWN", "UNKNOWN"] as const)("is %s", async (name) => {
    const port = await serve((_, __, reply) => reply(null, Health[name]));
    expect(await ask(port)).toBe(name);
  });

  it("is of the service that was asked for, by whom Kubernetes' servers expect", async () => {
    const seen: string[] = [];
    const port = await serve((service, call, reply) => {
      seen.push(service, String(call.metadata.get("user-agent")[0]));
      reply(null, Health.SERVING);
    });
    await ask(port, { service: "shop.Cart" });
    expect(seen).toEqual(["shop.Cart", expect.stringMatching(/^kube-probe\/1\.32 /)]);
  });
});

describe("a failure says", () => {
  it("that the service is not known", async () => {
    const port = await serve((_, __, reply) => reply({ code: status.NOT_FOUND, details: "unknown service" }));
    await expect(ask(port, { service: "x" })).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
    });
  });

  it("that the server has no health service", async () => {
    const port = await serve((_, __, reply) => reply({ code: status.UNIMPLEMENTED, details: "unknown service" }));
    await expect(ask(port)).rejects.toMatchObject({
      message:
        "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service",
    });
  });

  it("that nobody listens, at once", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await expect(ask(port)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringMatching(
        new RegExp(`^error: failed to connect service at "127.0.0.1:${port}": .*ECONNREFUSED`),
      ),
    });
  });

  it("that the call did not end in time", async () => {
    const called = Promise.withResolvers<void>();
    const port = await serve(() => called.resolve());
    const clock = new FakeClock();
    const asked = expect(ask(port, { clock })).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: "timeout: health rpc did not complete within 5s",
    });
    await called.promise;
    await clock.step(5_000);
    await asked;
  });

  it("that there was no connection in time", async () => {
    const accepted = Promise.withResolvers<Socket>();
    // Says nothing: it is no HTTP/2 connection before the server's settings.
    const server = createServer((socket) => accepted.resolve(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanup.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    const clock = new FakeClock();
    const asked = expect(ask(port, { clock })).rejects.toMatchObject({
      message: `timeout: failed to connect service "127.0.0.1:${port}" within 5s: context deadline exceeded`,
    });
    const socket = await accepted.promise;
    socket.on("error", () => {});
    cleanup.push(() => socket.destroy());
    await clock.step(5_000);
    await asked;
  });

  it("that it was cancelled", async () => {
    const called = Promise.withResolvers<void>();
    const port = await serve(() => called.resolve());
    const stop = new AbortController();
    const asked = expect(ask(port, { signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    await called.promise;
    stop.abort();
    await asked;
    await expect(ask(port, { signal: stop.signal })).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
