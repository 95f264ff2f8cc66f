import type {
  InboundMessage,
  OutboundMessage,
  SubscribeOptions,
  Transport,
  TransportEvent,
  TransportSubscription,
} from "../transport.ts";
import type { MemoryHub } from "./memory-hub.ts";

export interface MemorySubscription {
  readonly subject: string;
  readonly queue: string | undefined;
  readonly onMessage: (message: InboundMessage) => void;
}

/** One connection to the hub. */
export class MemoryTransport implements Transport {
  readonly inbox: string;
  readonly maxPayloadBytes: number;
  readonly #hub: MemoryHub;
  readonly #subscriptions = new Set<MemorySubscription>();
  readonly #listeners = new Set<(event: TransportEvent) => void>();
  #gone = false;

  constructor(hub: MemoryHub, inbox: string) {
    this.#hub = hub;
    this.inbox = inbox;
    this.maxPayloadBytes = hub.maxPayloadBytes;
    hub.join(this);
  }

  get connected(): boolean {
    return this.#hub.running && !this.#gone;
  }

  get closed(): boolean {
    return this.#gone;
  }

  publish(message: OutboundMessage): void {
    if (this.connected) this.#hub.publish(message);
  }

  subscribe(
    subject: string,
    { queue }: SubscribeOptions,
    onMessage: (message: InboundMessage) => void,
  ): TransportSubscription {
    const subscription: MemorySubscription = { subject, queue, onMessage };
    this.#subscriptions.add(subscription);
    if (!this.#gone) this.#hub.add(subscription);
    const close = () => this.#remove(subscription);
    // What is under way is delivered in a microtask, or to nobody.
    const drain = () => Promise.resolve().then(close);
    return { drain, close };
  }

  async flush(): Promise<void> {
    if (!this.connected) throw new Error("disconnected");
  }

  observe(listener: (event: TransportEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.kill();
  }

  /** Gone without a word. */
  kill(): void {
    this.#gone = true;
    for (const subscription of [...this.#subscriptions]) this.#remove(subscription);
    this.#hub.leave(this);
    this.#listeners.clear();
  }

  emit(event: TransportEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #remove(subscription: MemorySubscription): void {
    this.#subscriptions.delete(subscription);
    this.#hub.remove(subscription);
  }
}
