import { systemClock } from "@podbus/clock";
import type { BusOptions } from "../src/protocol/protocol-bus.ts";
import { ProtocolBus } from "../src/protocol/protocol-bus.ts";
import type { BusTiming } from "../src/timing.ts";
import type { InboundMessage, OutboundMessage, Transport } from "../src/transport.ts";

/** A message system that a test can connect to and break. */
export interface MessageSystem extends AsyncDisposable {
  connect(name: string): Promise<Transport>;
  /** As if the process of that connection were killed. */
  kill(transport: Transport): Promise<void>;
  /** The server dies, and comes back. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Short enough for a test, long enough for a busy machine. */
export const testTiming: BusTiming = {
  heartbeatMs: 150,
  callTimeoutMs: 5_000,
  openTimeoutMs: 1_000,
  drainMs: 1_000,
  windowBytes: 4_096,
};

/** Buses of one test over one message system. */
export class Bench {
  readonly #system: MessageSystem;
  readonly #transports = new Map<ProtocolBus, Transport>();

  constructor(system: MessageSystem) {
    this.#system = system;
  }

  async bus(name: string, options: Partial<BusOptions> = {}): Promise<ProtocolBus> {
    const transport = await this.#system.connect(name);
    const bus = new ProtocolBus({ name, clock: systemClock, timing: testTiming, ...options }, transport);
    this.#transports.set(bus, transport);
    return bus;
  }

  connect(name: string): Promise<Transport> {
    return this.#system.connect(name);
  }

  async kill(bus: ProtocolBus): Promise<void> {
    const transport = this.#transports.get(bus);
    this.#transports.delete(bus);
    if (transport) await this.#system.kill(transport);
  }

  stop(): Promise<void> {
    return this.#system.stop();
  }

  start(): Promise<void> {
    return this.#system.start();
  }

  /** Ends what a test left, so that nothing reaches the next one. */
  async clear(): Promise<void> {
    await Promise.all([...this.#transports.keys()].map((bus) => bus[Symbol.asyncDispose]()));
    this.#transports.clear();
  }
}

/** Sends a message and collects what comes back until `enough`. */
export async function exchange(
  transport: Transport,
  message: Omit<OutboundMessage, "reply">,
  enough: (received: readonly InboundMessage[]) => boolean,
): Promise<readonly InboundMessage[]> {
  const received: InboundMessage[] = [];
  const reply = `${transport.inbox}.raw`;
  let subscription = { close: () => {} };
  await new Promise<void>((resolve, reject) => {
    subscription = transport.subscribe(reply, { onDenied: () => reject(new Error("denied")) }, (inbound) => {
      received.push(inbound);
      if (enough(received)) resolve();
    });
    transport.publish({ ...message, reply });
    setTimeout(() => reject(new Error(`only ${received.length} messages came back`)), 5_000).unref();
  });
  subscription.close();
  return received;
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

/** Waits for a condition, with a bound. */
export async function until(condition: () => boolean, what: string, timeoutMs = 5_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await systemClock.sleep(5);
  }
}

export class Deferred<T = void> {
  resolve: (value: T) => void = () => {};
  reject: (reason: unknown) => void = () => {};
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
