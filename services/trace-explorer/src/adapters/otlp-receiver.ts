import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import {
  ExportTraceServiceRequestSchema,
  ExportTraceServiceResponseSchema,
  RpcStatusSchema,
} from "@podbus/contracts/otlp";
import { PodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import { readOtlpJson } from "../domain/otlp-json.ts";
import { readOtlp } from "../domain/read-otlp.ts";
import type { SpanSink } from "../ports.ts";
import { BodyError, readBody } from "./read-body.ts";

export interface OtlpReceiverOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly sink: SpanSink;
  readonly log: Logger;
  /** Default 4 MiB. */
  readonly maxBodyBytes?: number;
}

export interface OtlpReceiver extends AsyncDisposable {
  readonly port: number;
}

type Encoding = "application/x-protobuf" | "application/json";

/** OTLP/HTTP for traces (opentelemetry-proto docs/specification.md, "OTLP/HTTP"): POST /v1/traces. */
export async function startOtlpReceiver(options: OtlpReceiverOptions): Promise<OtlpReceiver> {
  const server = createServer((request, response) => {
    void receive(request, response, options);
  });
  server.requestTimeout = 10_000;
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

async function listen(server: Server, { host, port }: OtlpReceiverOptions): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    const why = taken ? "another process listens there" : (error as Error).message;
    throw new PodbusError({
      code: "FAILED_PRECONDITION",
      reason: taken ? "AddressInUse" : "",
      message: `cannot receive traces on ${host}:${port} (PODBUS_OTLP_ADDRESS): ${why}`,
      cause: error,
    });
  }
}

async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  options: OtlpReceiverOptions,
): Promise<void> {
  const encoding = encodingOf(request);
  try {
    checkTarget(request, encoding);
    const { spans, rejected } = readOtlp(
      decode(await readBody(request, options.maxBodyBytes ?? 4 * 1024 * 1024), encoding),
    );
    options.sink.add(spans);
    answerSuccess(response, encoding, rejected);
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    if (!(error instanceof BodyError)) options.log.error({ err: error }, "a trace export failed");
    const refusal = error instanceof BodyError ? error : new BodyError(500, "internal error");
    answerRefusal(response, encoding ?? "application/json", refusal);
  }
}

function encodingOf(request: IncomingMessage): Encoding | undefined {
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  return type === "application/x-protobuf" || type === "application/json" ? type : undefined;
}

function checkTarget(request: IncomingMessage, encoding: Encoding | undefined): asserts encoding is Encoding {
  if (request.url?.split("?", 1)[0] !== "/v1/traces") throw new BodyError(404, "only /v1/traces is served here");
  if (request.method !== "POST") throw new BodyError(405, "use POST");
  if (!encoding) throw new BodyError(415, "content-type must be application/x-protobuf or application/json");
}

function decode(body: Buffer, encoding: Encoding) {
  try {
    if (encoding === "application/json") return readOtlpJson(body.toString("utf8"));
    return fromBinary(ExportTraceServiceRequestSchema, body);
  } catch (error) {
    throw new BodyError(400, `the body is not an ExportTraceServiceRequest: ${(error as Error).message}`);
  }
}

function answerSuccess(response: ServerResponse, encoding: Encoding, rejected: number): void {
  const errorMessage = "a trace id has 16 bytes and a span id 8";
  const partial = rejected > 0 ? { partialSuccess: { rejectedSpans: BigInt(rejected), errorMessage } } : {};
  const message = create(ExportTraceServiceResponseSchema, partial);
  const body =
    encoding === "application/json"
      ? JSON.stringify(toJson(ExportTraceServiceResponseSchema, message))
      : toBinary(ExportTraceServiceResponseSchema, message);
  response.writeHead(200, { "content-type": encoding }).end(body);
}

function answerRefusal(response: ServerResponse, encoding: Encoding, { status, message }: BodyError): void {
  const rpcStatus = create(RpcStatusSchema, { message });
  const body =
    encoding === "application/json"
      ? JSON.stringify(toJson(RpcStatusSchema, rpcStatus))
      : toBinary(RpcStatusSchema, rpcStatus);
  const allow = status === 405 ? { allow: "POST" } : {};
  response.writeHead(status, { "content-type": encoding, connection: "close", ...allow }).end(body);
}
