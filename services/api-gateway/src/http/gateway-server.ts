import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Span, SpanKind } from "@opentelemetry/api";
import { findResource, type Status, statusFromError } from "@podbus/kube";
import { contextOf, type Logger, withSpan } from "@podbus/telemetry";
import type { AccessControl } from "../access/access-control.ts";
import { admitRequest } from "../access/admit-request.ts";
import type { Authenticator } from "../access/authenticator.ts";
import { classifyRequest, seatsForList } from "../domain/flow-control/classify-request.ts";
import { parseRequestInfo, type RequestInfo } from "../domain/request-info.ts";
import { anonymous } from "../domain/user.ts";
import type { FlowControl, Turn } from "../flow-control/flow-control.ts";
import type { GatewayPorts } from "../ports.ts";
import { route, routeUpgrade } from "../routing.ts";
import type { ApiRequest } from "./api-request.ts";
import { AuditRecord } from "./audit-record.ts";
import { type HttpRequest, readBody } from "./read-body.ts";
import { documentReply, type Reply } from "./reply.ts";
import { type HttpResponse, sendReply } from "./send-reply.ts";
import { refuseUpgrade, UpgradeConnection } from "./upgrade-connection.ts";

/** Turns HTTP requests into calls of handlers, and what they answer or throw into HTTP responses. */
export class GatewayServer {
  readonly #ports: GatewayPorts;
  readonly #authenticator: Authenticator;
  readonly #access: AccessControl;
  readonly #flowControl: FlowControl;
  readonly #auditLog: Logger;
  readonly #open = new Set<Promise<void>>();
  readonly #calls = new Set<AbortController>();
  #stopped = false;

  constructor(ports: GatewayPorts, { authenticator, access, flowControl }: Gatekeepers) {
    this.#ports = ports;
    this.#authenticator = authenticator;
    this.#access = access;
    this.#flowControl = flowControl;
    this.#auditLog = ports.log.child({ name: "audit" });
  }

  onRequest(request: HttpRequest, response: HttpResponse): void {
    this.#track(this.#serve(request, response));
  }

  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A socket without a listener would end the process on a reset.
    socket.on("error", () => socket.destroy());
    this.#track(this.#upgrade(request, socket, head));
  }

  /** Ends watches, followed logs and exec sessions; resolves when everything that was begun is answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const call of this.#calls) call.abort();
    await Promise.all(this.#open);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error) => this.#ports.log.error({ err: error }, "a request was not answered"))
      .finally(() => this.#open.delete(tracked));
    this.#open.add(tracked);
  }

  /** Aborted when the client leaves before the answer is complete, or the gateway stops. */
  #begin(connection: HttpResponse | Duplex): AbortController {
    const controller = new AbortController();
    this.#calls.add(controller);
    const end = () => {
      // An abort costs more than a small answer; after the last byte nobody listens.
      if (this.#calls.delete(controller)) controller.abort();
    };
    connection.on("close", end);
    // The stream's own error is the client's leaving; "close" follows.
    connection.on("error", end);
    if (this.#stopped) controller.abort();
    return controller;
  }

  async #serve(request: HttpRequest, response: HttpResponse): Promise<void> {
    const controller = this.#begin(response);
    try {
      await this.#serveCall(this.#apiRequest(request, controller.signal), request, response);
    } finally {
      this.#calls.delete(controller);
    }
  }

  async #serveCall(call: ApiRequest, request: HttpRequest, response: HttpResponse): Promise<void> {
    await this.#traced(call, async (span) => {
      const audit = new AuditRecord(call, this.#ports.clock);
      const turns = new DisposableStack();
      try {
        const reply = await this.#answer(call, { audit, turns });
        // Whoever watches or follows has had what is costly once the stream has begun.
        if (reply.kind === "stream") turns.dispose();
        const traceId = span?.spanContext().traceId;
        const code = await this.#send(reply, { call, request, response, traceId });
        audit.write(this.#auditLog, { code, traceId });
      } finally {
        turns.dispose();
      }
    });
  }

  #apiRequest(request: HttpRequest, signal: AbortSignal): ApiRequest {
    const method = request.method ?? "GET";
    const [path = "/", query = ""] = splitOnce(request.url ?? "/", "?");
    const parameters = new URLSearchParams(query);
    let body: Promise<Buffer> | undefined;
    return {
      info: parseRequestInfo(method, path, parameters),
      method,
      query: parameters,
      user: undefined,
      signal,
      header: (name) => headerOf(request, name),
      body: () => {
        body ??= readBody(request, this.#ports.clock);
        return body;
      },
      raw: request,
    };
  }

  /** Writes are traced; so is whatever the client traces itself. */
  #traced(call: ApiRequest, work: (span: Span | undefined) => Promise<void>): Promise<void> {
    const traceparent = call.header("traceparent");
    const writes = call.info.kind === "resource" && !["get", "list", "watch"].includes(call.info.verb);
    if (!writes && traceparent === undefined) return work(undefined);
    const attributes = { "http.request.method": call.method, "url.path": call.info.path };
    return withSpan(
      this.#ports.tracer,
      `${call.method} ${targetOf(call.info)}`,
      { kind: SpanKind.SERVER, attributes, parent: contextOf(traceparent) },
      work,
    );
  }

  async #answer(call: ApiRequest, { audit, turns }: Answering): Promise<Reply> {
    try {
      const admitted = await this.#admit(call, audit);
      const turn = this.#turnFor(admitted);
      turns.use(turn instanceof Promise ? await turn : turn);
      return await route(this.#ports, admitted);
    } catch (error) {
      if (call.signal.aborted) return documentReply({}, 499);
      return this.#failure(error);
    }
  }

  #turnFor({ info, user = anonymous, query, signal }: ApiRequest): Turn | Promise<Turn> {
    const flow = classifyRequest(info, user);
    return this.#flowControl.begin(flow, flow.level === "exempt" ? 1 : this.#seatsFor(info, query), signal);
  }

  #seatsFor(info: RequestInfo, query: URLSearchParams): number {
    if (info.kind === "other" || info.verb !== "list") return 1;
    const resource = findResource(info.group, info.version, info.resource);
    if (!resource) return 1;
    const namespace = info.namespace === "" ? undefined : info.namespace;
    const { items } = this.#ports.store.cache.list(resource.storageResource, namespace);
    return seatsForList(items.length, Number(query.get("limit") ?? 0));
  }

  /** The request as whom it counts; throws the Status of a refusal. */
  async #admit(call: ApiRequest, audit: AuditRecord): Promise<ApiRequest> {
    const identity = await this.#authenticator.of(call.raw);
    const admission = admitRequest(call, identity, this.#access);
    audit.decided(admission);
    if (admission.kind === "refused") throw admission.status;
    return { ...call, user: admission.user };
  }

  #failure(error: unknown): Reply {
    const status = this.#statusOf(error);
    const retryAfter = status.details?.retryAfterSeconds;
    return {
      kind: "document",
      code: status.code ?? 500,
      document: status,
      ...(retryAfter === undefined ? {} : { headers: { "retry-after": String(retryAfter) } }),
    };
  }

  #statusOf(error: unknown): Status {
    const status = statusFromError(error);
    // 501 and 503 say it themselves; 500 is a mistake of ours.
    if (status.code === 500) this.#ports.log.error({ err: error }, "a request failed");
    return status;
  }

  async #send(reply: Reply, { call, request, response, traceId }: Sending): Promise<number> {
    const headers: Record<string, string> = traceId ? { "podbus-trace-id": traceId } : {};
    try {
      await sendReply(response, reply, {
        acceptsGzip: (call.header("accept-encoding") ?? "").includes("gzip"),
        headers,
        signal: call.signal,
        clock: this.#ports.clock,
      });
    } catch (error) {
      if (!call.signal.aborted) this.#ports.log.error({ err: error, path: call.info.path }, "an answer was cut short");
      response.destroy();
    }
    // What was not read of a refused body would keep the connection busy.
    request.resume();
    return reply.kind === "stream" ? (reply.code ?? 200) : reply.code;
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const controller = this.#begin(socket);
    const call = this.#apiRequest(request, controller.signal);
    const audit = new AuditRecord(call, this.#ports.clock);
    let code = 101;
    try {
      const admitted = await this.#admit(call, audit);
      await routeUpgrade(this.#ports, admitted, new UpgradeConnection(request, { socket, head }, call.signal));
    } catch (error) {
      const status = this.#statusOf(error);
      code = status.code ?? 500;
      refuseUpgrade(socket, status);
    } finally {
      this.#calls.delete(controller);
    }
    audit.write(this.#auditLog, { code, traceId: undefined });
  }
}

/** What a request has to pass. */
export interface Gatekeepers {
  readonly authenticator: Authenticator;
  readonly access: AccessControl;
  readonly flowControl: FlowControl;
}

interface Answering {
  readonly audit: AuditRecord;
  /** Held until the request is answered. */
  readonly turns: DisposableStack;
}

interface Sending {
  readonly call: ApiRequest;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly traceId: string | undefined;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function headerOf(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

function targetOf(info: RequestInfo): string {
  if (info.kind === "other") return info.path;
  return info.subresource === "" ? info.resource : `${info.resource}/${info.subresource}`;
}
