import { randomUUID } from "node:crypto";
import {
  create,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Tracer } from "@opentelemetry/api";
import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import type { Bus, CallOptions, Client, Implementation, Target } from "../bus.ts";
import { ServiceSubjects } from "../domain/subjects.ts";
import { type BusTiming, defaultTiming } from "../timing.ts";
import type { OutboundMessage, Transport, TransportEvent } from "../transport.ts";
import { StreamCall } from "./call-stream.ts";
import { callUnary } from "./call-unary.ts";
import type { CallerCore, CallInFlight, CallRoute } from "./caller.ts";
import { Inbox } from "./inbox.ts";
import type { ProviderCore } from "./provider.ts";
import { ServedService } from "./served-service.ts";

export interface BusOptions {
  /** The process that uses the bus: callers are known to handlers by it, providers to `nats` tools. */
  readonly name: string;
  readonly clock: Clock;
  /** Without one, handlers get no spans; the trace context is carried all the same. */
  readonly tracer?: Tracer | undefined;
  readonly log?: Logger | undefined;
  /** Semantic version that ADR-32 answers show. */
  readonly version?: string;
  readonly timing?: Partial<BusTiming>;
}

/** Answers that wait for a connection; more are dropped, and their callers ask again. */
const mostHeldMessages = 10_000;

/** The whole protocol, over any transport. */
export class ProtocolBus implements Bus {
  readonly #options: BusOptions;
  readonly #transport: Transport;
  readonly #caller: CallerCore;
  readonly #provider: ProviderCore;
  readonly #served = new Set<ServedService>();
  readonly #held: OutboundMessage[] = [];
  readonly #stopObserving: () => void;
  #closing: Promise<void> | undefined;

  constructor(options: BusOptions, transport: Transport) {
    this.#options = options;
    this.#transport = transport;
    const { name, clock, tracer, log } = options;
    const timing = { ...defaultTiming, ...options.timing };
    const inbox = new Inbox(transport, () => this.#failAll("this client may not subscribe to its own inbox"));
    this.#caller = { name, transport, clock, timing, inbox, inFlight: new Set() };
    this.#provider = { transport, clock, timing, tracer, log, send: (message) => this.#send(message) };
    this.#stopObserving = transport.observe((event) => this.#onEvent(event));
  }

  get connected(): boolean {
    return this.#transport.connected && this.#closing === undefined;
  }

  async serve<S extends DescService>(
    service: S,
    target: Target,
    implementation: Implementation<S>,
  ): Promise<AsyncDisposable> {
    if (this.#closing) throw new PodbusError({ code: "UNAVAILABLE", message: "the bus is closed" });
    const served = new ServedService({
      core: this.#provider,
      service,
      target,
      implementation,
      instance: randomUUID().replaceAll("-", ""),
      version: this.#options.version ?? "0.1.0",
      process: this.#options.name,
    });
    this.#served.add(served);
    try {
      await served.start(() => this.#flushed());
    } catch (error) {
      this.#served.delete(served);
      throw error;
    }
    return {
      [Symbol.asyncDispose]: async () => {
        await served[Symbol.asyncDispose]();
        this.#served.delete(served);
      },
    };
  }

  client<S extends DescService>(service: S, target: Target = {}): Client<S> {
    if (target.node === "*") throw new TypeError(`call ${service.typeName} on one node, not on all`);
    const subjects = new ServiceSubjects(service, target);
    const methods = service.methods.map((method) => [method.localName, this.#methodOf(method, subjects)]);
    // The mapped type says method by method what the loop makes.
    return Object.fromEntries(methods) as Client<S>;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#served].map((served) => served[Symbol.asyncDispose]()));
    this.#failAll("the bus is closed", "CANCELLED");
    this.#caller.inbox.dispose();
    this.#stopObserving();
    if (this.#transport.connected) await this.#flushOnce();
    this.#transport.close();
  }

  #methodOf(method: DescMethod, subjects: ServiceSubjects): unknown {
    const route: CallRoute = {
      label: `${method.parent.name}.${method.name}`,
      subject: subjects.method(method),
      control: (instance) => subjects.control(instance),
    };
    const encode = (request: MessageInitShape<typeof method.input>) =>
      toBinary(method.input, create(method.input, request));
    const decode = (data: Uint8Array): Message => fromBinary(method.output, data);
    const core = this.#caller;
    switch (method.methodKind) {
      case "unary":
        return async (request: Message, options: CallOptions = {}) => {
          this.#assertOpen();
          return decode(await callUnary(core, route, encode(request), options));
        };
      case "server_streaming":
        return (request: Message, options: CallOptions = {}) => {
          this.#assertOpen();
          return new StreamCall({ core, route, data: encode(request), options, decode });
        };
      default:
        throw new TypeError(`${route.label}: the bus carries no streams from callers`);
    }
  }

  #assertOpen(): void {
    if (this.#closing) throw new PodbusError({ code: "CANCELLED", message: "the bus is closed" });
  }

  #onEvent(event: TransportEvent): void {
    switch (event.kind) {
      case "connected":
        for (const message of this.#held.splice(0)) this.#transport.publish(message);
        for (const call of [...this.#caller.inFlight]) call.onConnected();
        return;
      case "disconnected":
        for (const call of [...this.#caller.inFlight]) call.onDisconnected();
        for (const served of this.#served) served.onDisconnected();
        return;
      case "denied":
        this.#failWhere((call) => call.subject === event.subject, denied(`this client may not call ${event.subject}`));
    }
  }

  /** Never throws: a handler's answer that cannot be sent is its caller's to ask for again. */
  #send(message: OutboundMessage): void {
    if (this.#transport.connected) {
      try {
        this.#transport.publish(message);
      } catch (error) {
        this.#options.log?.error({ err: error, subject: message.subject }, "an answer could not be sent");
      }
      return;
    }
    if (this.#held.length < mostHeldMessages) this.#held.push(message);
    else
      this.#options.log?.warn({ subject: message.subject }, "too many answers wait for a connection; one is dropped");
  }

  /** Resolves once the server knows everything sent before, however often the connection is lost meanwhile. */
  async #flushed(): Promise<void> {
    while (!(await this.#flushOnce())) await this.#untilConnected();
  }

  async #flushOnce(): Promise<boolean> {
    try {
      await this.#transport.flush();
      return true;
    } catch (error) {
      this.#options.log?.debug({ err: error }, "the connection was lost while flushing");
      return false;
    }
  }

  async #untilConnected(): Promise<void> {
    if (this.#closing) throw new PodbusError({ code: "CANCELLED", message: "the bus is closed" });
    if (this.#transport.closed) throw new PodbusError({ code: "UNAVAILABLE", message: "the connection is closed" });
    if (this.#transport.connected) return;
    await new Promise<void>((resolve) => {
      const stop = this.#transport.observe((event) => {
        if (event.kind !== "connected") return;
        stop();
        resolve();
      });
    });
  }

  #failAll(message: string, code: "PERMISSION_DENIED" | "CANCELLED" = "PERMISSION_DENIED"): void {
    this.#failWhere(() => true, new PodbusError({ code, message }));
  }

  #failWhere(which: (call: CallInFlight) => boolean, error: PodbusError): void {
    for (const call of [...this.#caller.inFlight]) if (which(call)) call.fail(error);
  }
}

function denied(message: string): PodbusError {
  return new PodbusError({ code: "PERMISSION_DENIED", message });
}
