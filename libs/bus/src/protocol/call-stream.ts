import { PodbusError } from "@podbus/errors";
import type { CallOptions } from "../bus.ts";
import { decodeError } from "../domain/error-headers.ts";
import { type HeaderMap, header } from "../domain/headers.ts";
import { costOf } from "../timing.ts";
import type { InboundMessage } from "../transport.ts";
import {
  type CallerCore,
  type CallInFlight,
  type CallRoute,
  cancelledByCaller,
  cancelMessage,
  deadlineExceeded,
  isUntaken,
  requestHeaders,
  retryDelayMs,
  tooLarge,
  unavailable,
} from "./caller.ts";
import { SilenceWatch } from "./silence-watch.ts";

export interface StreamCallInit<T> {
  readonly core: CallerCore;
  readonly route: CallRoute;
  readonly data: Uint8Array;
  readonly options: CallOptions;
  readonly decode: (data: Uint8Array) => T;
}

type Waiter<T> = { resolve: (result: IteratorResult<T>) => void; reject: (error: PodbusError) => void };

/*
 *         next       published        first message or heartbeat
 * idle ─────────▶ opening ─────────────────────▶ open ──────────▶ ended
 *                 ▲     │ no responders,          │ end, error, gap, silence,
 *                 └─────┘ disconnected, silence   │ disconnected, deadline, signal, return()
 *
 * Only an opening is tried again: once a provider has begun, the reader alone knows how to go on.
 */
export class StreamCall<T> implements AsyncIterator<T, undefined>, AsyncIterable<T>, CallInFlight {
  readonly subject: string;
  readonly #init: StreamCallInit<T>;
  readonly #headers: HeaderMap;
  readonly #unread: Uint8Array[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #state: "idle" | "opening" | "open" | "ended" = "idle";
  #error: PodbusError | undefined;
  #reply = "";
  #published = false;
  #refusals = 0;
  #instance = "all";
  #sequence = 0;
  #consumedBytes = 0;
  #grantedBytes = 0;
  #silence: SilenceWatch | undefined;
  #cancelBound: () => void = () => {};
  #cancelRetry: () => void = () => {};
  #cancelKeepAlive: () => void = () => {};

  constructor(init: StreamCallInit<T>) {
    this.#init = init;
    this.subject = init.route.subject;
    this.#headers = requestHeaders(init.core);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#state === "idle") this.#start();
    const data = this.#unread.shift();
    if (data !== undefined) return this.#read(data);
    if (this.#state === "ended") return this.#afterEnd();
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** The reader left: the provider is told to stop. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.#unread.length = 0;
    if (this.#state !== "ended") {
      this.#sendCancel();
      this.#end(undefined);
    }
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  onConnected(): void {
    if (this.#state === "opening") this.#open();
  }

  onDisconnected(): void {
    if (this.#state === "open") {
      this.#end(unavailable(this.#init.route, "the connection was lost"));
      return;
    }
    this.#unopened();
  }

  fail(error: PodbusError): void {
    this.#unread.length = 0;
    this.#sendCancel();
    this.#end(error);
  }

  #start(): void {
    const { core, route, data, options } = this.#init;
    this.#state = "opening";
    if (options.signal?.aborted) {
      this.#end(cancelledByCaller(route, options.signal));
      return;
    }
    const oversize = tooLarge(core.transport, data, route.label);
    if (oversize) {
      this.#end(oversize);
      return;
    }
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    core.inFlight.add(this);
    this.#cancelBound = core.clock.after(this.#boundMs(), () => this.#onBound());
    this.#deadlineMs = core.clock.monotonic() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
    this.#open();
  }

  #deadlineMs = Number.POSITIVE_INFINITY;

  #boundMs(): number {
    return this.#init.options.timeoutMs ?? this.#init.core.timing.openTimeoutMs;
  }

  /** Each try has its own reply subject, so that what an abandoned one still sends is not taken for this one's. */
  #open(): void {
    const { core, route, data } = this.#init;
    this.#unopened();
    if (!core.transport.connected) return; // onConnected comes
    this.#reply = core.inbox.open((message) => this.#onMessage(message));
    const remainingMs = Math.max(0, this.#deadlineMs - core.clock.monotonic());
    core.transport.publish({
      subject: route.subject,
      reply: this.#reply,
      data,
      headers: {
        ...this.#headers,
        [header.timeout]: String(Math.ceil(remainingMs)),
        [header.window]: String(core.timing.windowBytes),
      },
    });
    this.#published = true;
    const { heartbeatMs } = core.timing;
    this.#silence = new SilenceWatch({ clock: core.clock, heartbeatMs, onSilent: () => this.#onSilent() });
    this.#keepAlive();
  }

  /** Forgets the current try. */
  #unopened(): void {
    if (this.#published) this.#sendCancel();
    this.#published = false;
    this.#instance = "all";
    if (this.#reply) this.#init.core.inbox.close(this.#reply);
    this.#silence?.stop();
    this.#cancelRetry();
    this.#cancelKeepAlive();
  }

  #onMessage(message: InboundMessage): void {
    if (isUntaken(message)) {
      this.#onUntaken();
      return;
    }
    this.#opened(message);
    const sequence = Number(message.headers[header.sequence] ?? Number.NaN);
    if (header.heartbeat in message.headers) {
      this.#expectSequence(sequence, this.#sequence);
      return;
    }
    if (sequence <= this.#sequence) return; // delivered twice
    this.#expectSequence(sequence, this.#sequence + 1);
    if (this.#state === "ended") return;
    this.#sequence = sequence;
    if (header.end in message.headers) {
      this.#end(decodeError(message.headers));
      return;
    }
    this.#deliver(message.data);
  }

  #opened(message: InboundMessage): void {
    this.#silence?.heard();
    const instance = message.headers[header.instance];
    if (instance) this.#instance = instance;
    if (this.#state !== "opening") return;
    this.#state = "open";
    if (this.#init.options.timeoutMs === undefined) this.#cancelBound();
  }

  #expectSequence(actual: number, expected: number): void {
    if (actual !== expected) this.fail(unavailable(this.#init.route, "a message of the stream was lost"));
  }

  #onUntaken(): void {
    const { core, route } = this.#init;
    if (this.#state === "open") {
      this.#end(unavailable(route, "the provider has stopped"));
      return;
    }
    this.#published = false;
    this.#unopened();
    this.#cancelRetry = core.clock.after(retryDelayMs(this.#refusals++), () => this.#open());
  }

  #onSilent(): void {
    if (this.#state === "opening") {
      this.#open();
      return;
    }
    this.fail(unavailable(this.#init.route, "the provider has gone silent"));
  }

  #onBound(): void {
    const { route, options } = this.#init;
    const reached = this.#state === "open" || (options.timeoutMs !== undefined && this.#published);
    if (reached) {
      this.fail(deadlineExceeded(route, this.#boundMs()));
      return;
    }
    this.fail(unavailable(route, `no provider could be reached within ${this.#boundMs()} ms`));
  }

  readonly #onAbort = (): void => {
    const { route, options } = this.#init;
    if (options.signal) this.fail(cancelledByCaller(route, options.signal));
  };

  #deliver(data: Uint8Array): void {
    const waiter = this.#waiters.shift();
    if (!waiter) {
      this.#unread.push(data);
      return;
    }
    this.#read(data).then(waiter.resolve, waiter.reject);
  }

  #read(data: Uint8Array): Promise<IteratorResult<T, undefined>> {
    this.#consumedBytes += costOf(data);
    const due = this.#consumedBytes - this.#grantedBytes >= this.#init.core.timing.windowBytes / 2;
    if (due && this.#state === "open") this.#sendCredit();
    try {
      return Promise.resolve({ done: false, value: this.#init.decode(data) });
    } catch (cause) {
      const message = `${this.#init.route.label}: the answer cannot be decoded`;
      this.fail(new PodbusError({ code: "INTERNAL", message, cause }));
      return this.#afterEnd();
    }
  }

  #afterEnd(): Promise<IteratorResult<T, undefined>> {
    const error = this.#error;
    this.#error = undefined;
    return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
  }

  /** A credit is a sign of life too. It carries a total, so that losing or repeating one does no harm. */
  #keepAlive(): void {
    this.#cancelKeepAlive = this.#init.core.clock.after(this.#init.core.timing.heartbeatMs, () => {
      this.#sendCredit();
      this.#keepAlive();
    });
  }

  #sendCredit(): void {
    const { core, route } = this.#init;
    this.#grantedBytes = this.#consumedBytes;
    if (!core.transport.connected) return;
    core.transport.publish({
      subject: route.control(this.#instance),
      data: new Uint8Array(),
      headers: {
        [header.control]: "credit",
        [header.call]: this.#reply,
        [header.consumed]: String(this.#consumedBytes),
      },
    });
  }

  #sendCancel(): void {
    const { core, route } = this.#init;
    if (!this.#published || !core.transport.connected) return;
    core.transport.publish(cancelMessage(route, this.#instance, this.#reply));
  }

  #end(error: PodbusError | undefined): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#published = false;
    this.#error = error;
    this.#unopened();
    this.#cancelBound();
    this.#init.core.inFlight.delete(this);
    this.#init.options.signal?.removeEventListener("abort", this.#onAbort);
    for (const waiter of this.#waiters.splice(0)) this.#afterEnd().then(waiter.resolve, waiter.reject);
  }
}
