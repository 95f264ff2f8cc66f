import { type Context, context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { PodbusError } from "@podbus/errors";
import { contextOf } from "@podbus/telemetry";
import type { CallContext } from "../bus.ts";
import { encodeError } from "../domain/error-headers.ts";
import { type HeaderMap, header, numberHeader } from "../domain/headers.ts";
import type { InboundMessage } from "../transport.ts";
import { tooLarge } from "./caller.ts";
import { failureOf, type ProviderCore, type ProviderRoute } from "./provider.ts";

export interface ServerCallInit {
  readonly core: ProviderCore;
  readonly route: ProviderRoute;
  readonly request: InboundMessage;
  readonly node: string;
  readonly onEnded: () => void;
}

const noData = new Uint8Array();

/**
 * One call in a provider, unary or streaming: its deadline, its heartbeats, its span and its one end. Whatever comes
 * after the end (a handler that goes on despite its signal) is dropped.
 */
export class ServerCall {
  readonly context: CallContext;
  readonly heartbeatMs: number;
  readonly #init: ServerCallInit;
  readonly #abort = new AbortController();
  readonly #startedMs: number;
  readonly #deadlineMs: number;
  readonly #within: Context;
  readonly #span: Span | undefined;
  readonly #whenEnded: (() => void)[] = [];
  /** What the message that ends the call carries besides the outcome; a stream's number. */
  finalHeaders: () => HeaderMap | undefined = () => undefined;
  #ended = false;
  #cancelDeadline: () => void = () => {};
  #cancelHeartbeat: () => void = () => {};

  constructor(init: ServerCallInit) {
    const { core, route, request, node } = init;
    const { headers } = request;
    this.#init = init;
    this.#startedMs = core.clock.monotonic();
    const timeoutMs = numberHeader(headers[header.timeout], {
      min: 0,
      max: Number.POSITIVE_INFINITY,
      default: route.method.methodKind === "unary" ? core.timing.callTimeoutMs : Number.POSITIVE_INFINITY,
    });
    this.#deadlineMs = this.#startedMs + timeoutMs;
    const range = { min: 50, max: 60_000, default: core.timing.heartbeatMs };
    this.heartbeatMs = numberHeader(headers[header.heartbeatMs], range);
    this.context = {
      signal: this.#abort.signal,
      remainingMs: () => Math.max(0, this.#deadlineMs - core.clock.monotonic()),
      node,
      caller: headers[header.caller] ?? "",
    };
    const remote = contextOf(headers[header.traceparent]);
    this.#span = this.#startSpan(remote);
    this.#within = this.#span ? trace.setSpan(remote, this.#span) : remote;
    if (Number.isFinite(timeoutMs))
      this.#cancelDeadline = core.clock.after(timeoutMs, () => this.#onDeadline(timeoutMs));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Runs handler code where the caller's trace context, and the call's span if it has one, is active. */
  within<T>(run: () => T): T {
    return context.with(this.#within, run);
  }

  whenEnded(run: () => void): void {
    this.#whenEnded.push(run);
  }

  /** Shows the caller that its call lives, from one interval after now. */
  beat(headers: () => HeaderMap): void {
    this.#cancelHeartbeat = this.#init.core.clock.after(this.heartbeatMs, () => {
      const { transport } = this.#init.core;
      if (transport.connected) this.#send({ [header.heartbeat]: "1", ...headers() }, noData);
      this.beat(headers);
    });
  }

  send(data: Uint8Array, headers?: HeaderMap): void {
    if (!this.#ended) this.#send(headers, data);
  }

  /** A failure if the data is more than one message can carry. */
  oversize(data: Uint8Array): PodbusError | undefined {
    return tooLarge(this.#init.core.transport, data, this.#init.route.label);
  }

  succeed(data: Uint8Array): void {
    if (this.#ended) return;
    this.#send(this.finalHeaders(), data);
    this.#end(undefined);
  }

  fail(thrown: unknown): void {
    if (this.#ended) return;
    const { core, route } = this.#init;
    const error = failureOf(route, thrown);
    if (error !== thrown) core.log?.error({ err: thrown, method: route.label }, "a handler failed unexpectedly");
    this.#send({ ...encodeError(error), ...this.finalHeaders() }, noData);
    this.#end(error);
  }

  /** The caller cancelled, or is gone: it wants no answer. */
  cancel(message: string): void {
    if (!this.#ended) this.#end(new PodbusError({ code: "CANCELLED", message }));
  }

  /** This provider stops: the caller shall ask another one. */
  abandon(message: string): void {
    if (this.#ended) return;
    this.#send({ [header.gone]: "1" }, noData);
    this.#end(new PodbusError({ code: "UNAVAILABLE", message }));
  }

  #onDeadline(timeoutMs: number): void {
    const message = `${this.#init.route.label}: not done within ${timeoutMs} ms`;
    this.fail(new PodbusError({ code: "DEADLINE_EXCEEDED", message }));
  }

  #send(headers: HeaderMap | undefined, data: Uint8Array): void {
    const { core, request } = this.#init;
    core.send({ subject: request.reply, data, ...(headers ? { headers } : {}) });
  }

  #end(error: PodbusError | undefined): void {
    this.#ended = true;
    this.#cancelDeadline();
    this.#cancelHeartbeat();
    const { core, route, onEnded } = this.#init;
    route.stats.count(core.clock.monotonic() - this.#startedMs, error);
    this.#endSpan(error);
    if (error) this.#abort.abort(error);
    for (const run of this.#whenEnded) run();
    onEnded();
  }

  #startSpan(remote: Context): Span | undefined {
    const { core, route, node } = this.#init;
    if (!core.tracer || route.openEnded || !trace.getSpanContext(remote)) return undefined;
    const attributes = {
      "messaging.system": "nats",
      "messaging.destination.name": this.#init.request.subject,
      "rpc.service": route.method.parent.typeName,
      "rpc.method": route.method.name,
      "podbus.caller": this.#init.request.headers[header.caller] ?? "",
      ...(node ? { "k8s.node.name": node } : {}),
    };
    return core.tracer.startSpan(route.label, { kind: SpanKind.SERVER, attributes }, remote);
  }

  #endSpan(error: PodbusError | undefined): void {
    if (!this.#span) return;
    if (error) this.#span.setAttributes({ "podbus.code": error.code, "podbus.reason": error.reason });
    // A caller that no longer wants the answer is no failure of this service.
    if (error && error.code !== "CANCELLED")
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    this.#span.end();
  }
}
