import type { InboundMessage, Transport, TransportSubscription } from "../transport.ts";

/** Reply subjects of one bus: one subscription for all calls, one token per call. */
export class Inbox {
  readonly #transport: Transport;
  readonly #onDenied: () => void;
  readonly #receivers = new Map<string, (message: InboundMessage) => void>();
  #subscription: TransportSubscription | undefined;
  #opened = 0;

  constructor(transport: Transport, onDenied: () => void) {
    this.#transport = transport;
    this.#onDenied = onDenied;
  }

  /** A new reply subject. */
  open(receive: (message: InboundMessage) => void): string {
    this.#subscription ??= this.#transport.subscribe(
      `${this.#transport.inbox}.*`,
      { onDenied: this.#onDenied },
      (message) => this.#receivers.get(message.subject)?.(message),
    );
    const subject = `${this.#transport.inbox}.${(++this.#opened).toString(36)}`;
    this.#receivers.set(subject, receive);
    return subject;
  }

  close(subject: string): void {
    this.#receivers.delete(subject);
  }

  dispose(): void {
    this.#receivers.clear();
    this.#subscription?.close();
  }
}
