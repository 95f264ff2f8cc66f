import type { PodbusError } from "@podbus/errors";
import type { CallOptions } from "../bus.ts";
import { decodeError } from "../domain/error-headers.ts";
import { type HeaderMap, header } from "../domain/headers.ts";
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

/** Sends a request and waits for its answer; sends it again for as long as nobody is known to have it. */
export function callUnary(
  core: CallerCore,
  route: CallRoute,
  data: Uint8Array,
  options: CallOptions,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => new UnaryCall({ core, route, data, options, resolve, reject }).start());
}

interface UnaryCallInit {
  readonly core: CallerCore;
  readonly route: CallRoute;
  readonly data: Uint8Array;
  readonly options: CallOptions;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: PodbusError) => void;
}

/*
 *            attempt                      reply
 * unreached ─────────▶ sent ────────────────────────▶ settled
 *     ▲                  │ no responders, disconnected,  ▲
 *     └──────────────────┘ provider silent or stopping   │
 *     └──────────────────────────────────────────────────┘ deadline (UNAVAILABLE from unreached,
 *                                                          DEADLINE_EXCEEDED from sent), signal
 */
class UnaryCall implements CallInFlight {
  readonly subject: string;
  readonly #init: UnaryCallInit;
  readonly #timeoutMs: number;
  readonly #deadlineMs: number;
  readonly #headers: HeaderMap;
  #state: "unreached" | "sent" | "settled" = "unreached";
  #reply = "";
  #attempts = 0;
  #refusals = 0;
  #silence: SilenceWatch | undefined;
  #cancelRetry: () => void = () => {};
  #cancelDeadline: () => void = () => {};

  constructor(init: UnaryCallInit) {
    this.#init = init;
    this.subject = init.route.subject;
    this.#timeoutMs = init.options.timeoutMs ?? init.core.timing.callTimeoutMs;
    this.#deadlineMs = init.core.clock.monotonic() + this.#timeoutMs;
    this.#headers = requestHeaders(init.core);
  }

  start(): void {
    const { core, route, data, options } = this.#init;
    if (options.signal?.aborted) {
      this.#init.reject(cancelledByCaller(route, options.signal));
      return;
    }
    const oversize = tooLarge(core.transport, data, route.label);
    if (oversize) {
      this.#init.reject(oversize);
      return;
    }
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#cancelDeadline = core.clock.after(this.#timeoutMs, () => this.#onDeadline());
    core.inFlight.add(this);
    this.#reply = core.inbox.open((message) => this.#onMessage(message));
    this.#attempt();
  }

  onConnected(): void {
    this.#attempt();
  }

  onDisconnected(): void {
    this.#unreached();
    this.#cancelRetry();
  }

  fail(error: PodbusError): void {
    this.#settle(() => this.#init.reject(error));
  }

  #attempt(): void {
    const { core, route, data } = this.#init;
    this.#cancelRetry();
    if (!core.transport.connected) return; // onConnected comes
    const headers = { ...this.#headers, [header.timeout]: String(Math.ceil(this.#remainingMs())) };
    core.transport.publish({ subject: route.subject, reply: this.#reply, data, headers });
    this.#attempts++;
    this.#state = "sent";
    this.#silence?.stop();
    const { heartbeatMs } = core.timing;
    this.#silence = new SilenceWatch({ clock: core.clock, heartbeatMs, onSilent: () => this.#attempt() });
  }

  #onMessage(message: InboundMessage): void {
    if (isUntaken(message)) {
      this.#retry();
      return;
    }
    if (header.heartbeat in message.headers) {
      this.#silence?.heard();
      return;
    }
    const error = decodeError(message.headers);
    // A former try may still run with another provider.
    if (this.#attempts > 1) this.#sendCancel();
    this.#settle(() => (error ? this.#init.reject(error) : this.#init.resolve(message.data)));
  }

  #retry(): void {
    this.#unreached();
    this.#cancelRetry();
    this.#cancelRetry = this.#init.core.clock.after(retryDelayMs(this.#refusals++), () => this.#attempt());
  }

  #unreached(): void {
    this.#state = "unreached";
    this.#silence?.stop();
  }

  #onDeadline(): void {
    const { route } = this.#init;
    const reached = this.#state === "sent";
    if (reached) this.#sendCancel();
    this.fail(
      reached
        ? deadlineExceeded(route, this.#timeoutMs)
        : unavailable(route, `no provider could be reached within ${this.#timeoutMs} ms`),
    );
  }

  readonly #onAbort = (): void => {
    const { route, options } = this.#init;
    if (!options.signal) return;
    if (this.#attempts > 0) this.#sendCancel();
    this.fail(cancelledByCaller(route, options.signal));
  };

  #sendCancel(): void {
    const { transport } = this.#init.core;
    if (transport.connected) transport.publish(cancelMessage(this.#init.route, "all", this.#reply));
  }

  #remainingMs(): number {
    return Math.max(0, this.#deadlineMs - this.#init.core.clock.monotonic());
  }

  #settle(deliver: () => void): void {
    if (this.#state === "settled") return;
    this.#state = "settled";
    const { core, options } = this.#init;
    core.inbox.close(this.#reply);
    core.inFlight.delete(this);
    this.#cancelDeadline();
    this.#cancelRetry();
    this.#silence?.stop();
    options.signal?.removeEventListener("abort", this.#onAbort);
    deliver();
  }
}
