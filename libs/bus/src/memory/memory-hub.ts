import { randomUUID } from "node:crypto";
import type { Tracer } from "@opentelemetry/api";
import type { Clock } from "@podbus/clock";
import type { Logger } from "@podbus/telemetry";
import type { Bus } from "../bus.ts";
import { ProtocolBus } from "../protocol/protocol-bus.ts";
import type { BusTiming } from "../timing.ts";
import { noResponders, type OutboundMessage } from "../transport.ts";
import { type MemorySubscription, MemoryTransport } from "./memory-transport.ts";

export interface MemoryBusOptions {
  readonly clock: Clock;
  /** For every bus that is made without its own. */
  readonly tracer?: Tracer;
  readonly log?: Logger;
  readonly timing?: Partial<BusTiming>;
  /** Default 8 MiB, as our nats-server is configured. */
  readonly maxPayloadBytes?: number;
}

/** A message system in this process, with the semantics of NATS: for tests. */
export interface MemoryBus {
  /** A bus for one process; give a tracer where each process has its own. */
  bus(name: string, options?: { readonly tracer?: Tracer }): Bus;
  /** As if the server stopped: everyone is disconnected, what is under way is lost. */
  stop(): void;
  start(): void;
  /** As if the process of a bus were killed: it is gone without a word. */
  kill(bus: Bus): void;
}

export function createMemoryBus(options: MemoryBusOptions): MemoryBus {
  const hub = new MemoryHub(options.maxPayloadBytes ?? 8 * 1024 * 1024);
  const transports = new WeakMap<Bus, MemoryTransport>();
  return {
    bus: (name, own = {}) => {
      const transport = new MemoryTransport(hub, `_INBOX.${randomUUID()}`);
      const { clock, log, timing } = options;
      const tracer = own.tracer ?? options.tracer;
      const bus = new ProtocolBus({ name, clock, tracer, log, ...(timing ? { timing } : {}) }, transport);
      transports.set(bus, transport);
      return bus;
    },
    stop: () => hub.setRunning(false),
    start: () => hub.setRunning(true),
    kill: (bus) => transports.get(bus)?.kill(),
  };
}

/** The server: who subscribed to what. */
export class MemoryHub {
  readonly maxPayloadBytes: number;
  readonly #subscriptions = new Set<MemorySubscription>();
  readonly #exact = new Map<string, Set<MemorySubscription>>();
  readonly #transports = new Set<MemoryTransport>();
  /** Rises with each stop, so that what was under way before it is lost. */
  #epoch = 0;
  #turn = 0;
  running = true;

  constructor(maxPayloadBytes: number) {
    this.maxPayloadBytes = maxPayloadBytes;
  }

  join(transport: MemoryTransport): void {
    this.#transports.add(transport);
  }

  leave(transport: MemoryTransport): void {
    this.#transports.delete(transport);
  }

  setRunning(running: boolean): void {
    if (this.running === running) return;
    this.running = running;
    this.#epoch++;
    for (const transport of [...this.#transports]) transport.emit({ kind: running ? "connected" : "disconnected" });
  }

  add(subscription: MemorySubscription): void {
    const { subject } = subscription;
    if (isPattern(subject)) this.#subscriptions.add(subscription);
    else this.#exact.set(subject, (this.#exact.get(subject) ?? new Set()).add(subscription));
  }

  remove(subscription: MemorySubscription): void {
    this.#subscriptions.delete(subscription);
    const same = this.#exact.get(subscription.subject);
    same?.delete(subscription);
    if (same?.size === 0) this.#exact.delete(subscription.subject);
  }

  publish(message: OutboundMessage): void {
    const epoch = this.#epoch;
    queueMicrotask(() => {
      if (epoch === this.#epoch) this.#route(message);
    });
  }

  #route(message: OutboundMessage): void {
    const receivers = this.#receivers(message.subject);
    const { subject, data, headers = {}, reply = "" } = message;
    for (const receiver of receivers) receiver.onMessage({ subject, data, headers, reply, status: 0 });
    if (receivers.length > 0 || reply === "") return;
    const refusal = { subject: reply, data: new Uint8Array(), headers: {}, reply: "", status: noResponders };
    for (const receiver of this.#receivers(reply)) receiver.onMessage(refusal);
  }

  /** Everyone who subscribed, and one of each queue group. */
  #receivers(subject: string): MemorySubscription[] {
    const matching = [...(this.#exact.get(subject) ?? [])];
    for (const candidate of this.#subscriptions) if (matches(candidate.subject, subject)) matching.push(candidate);
    const groups = Map.groupBy(matching, ({ queue }) => queue ?? "");
    return [...groups].flatMap(([queue, members]) => (queue === "" ? members : this.#oneOf(members)));
  }

  #oneOf(members: readonly MemorySubscription[]): MemorySubscription[] {
    const chosen = members[this.#turn++ % members.length];
    return chosen ? [chosen] : [];
  }
}

function isPattern(subject: string): boolean {
  return subject.split(".").some((token) => token === "*" || token === ">");
}

function matches(pattern: string, subject: string): boolean {
  const wanted = pattern.split(".");
  const tokens = subject.split(".");
  if (wanted.at(-1) === ">") return tokens.length >= wanted.length && wanted.slice(0, -1).every(agrees);
  return tokens.length === wanted.length && wanted.every(agrees);

  function agrees(token: string, index: number): boolean {
    return token === "*" || token === tokens[index];
  }
}
