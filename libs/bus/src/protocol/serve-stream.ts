import type { Message } from "@bufbuild/protobuf";
import { type HeaderMap, header, numberHeader } from "../domain/headers.ts";
import { costOf } from "../timing.ts";
import type { InboundMessage } from "../transport.ts";
import type { ProviderCore, ProviderRoute } from "./provider.ts";
import { encodeAnswer } from "./serve-unary.ts";
import type { ServerCall } from "./server-call.ts";
import { SilenceWatch } from "./silence-watch.ts";

/**
 * Runs a streaming handler: numbers its messages, asks it for the next one only while the reader has room for it, and
 * ends it when the reader is gone.
 */
export class ServerStream {
  readonly #call: ServerCall;
  readonly #core: ProviderCore;
  readonly #route: ProviderRoute;
  readonly #windowBytes: number;
  readonly #silence: SilenceWatch;
  #sentBytes = 0;
  #consumedBytes = 0;
  #sequence = 0;
  #wake: () => void = () => {};

  constructor(call: ServerCall, core: ProviderCore, route: ProviderRoute, request: InboundMessage) {
    this.#call = call;
    this.#core = core;
    this.#route = route;
    const range = { min: 1, max: 16 * 1024 * 1024, default: core.timing.windowBytes };
    this.#windowBytes = numberHeader(request.headers[header.window], range);
    this.#silence = new SilenceWatch({
      clock: core.clock,
      heartbeatMs: call.heartbeatMs,
      onSilent: () => call.cancel("the caller has gone silent"),
    });
    call.finalHeaders = () => ({ [header.sequence]: String(this.#sequence + 1), [header.end]: "1" });
    call.whenEnded(() => {
      this.#silence.stop();
      this.#wake();
    });
  }

  /** The reader lives, and has read so much. */
  credit(consumedBytes: number): void {
    this.#silence.heard();
    if (!(consumedBytes > this.#consumedBytes)) return;
    this.#consumedBytes = Math.min(consumedBytes, this.#sentBytes);
    this.#wake();
  }

  async run(request: Message): Promise<void> {
    const { handler } = this.#route;
    this.#call.beat(() => this.#position(this.#sequence));
    try {
      const answers = this.#call.within(() => handler(request, this.#call.context)) as AsyncIterable<unknown>;
      await this.#pump(this.#call.within(() => answers[Symbol.asyncIterator]()));
    } catch (thrown) {
      this.#call.fail(thrown);
    }
  }

  async #pump(iterator: AsyncIterator<unknown>): Promise<void> {
    while (!this.#call.ended) {
      if (this.#sentBytes - this.#consumedBytes >= this.#windowBytes) {
        await this.#woken();
        continue;
      }
      const answer = this.#call.within(() => iterator.next());
      const result = await this.#unlessEnded(answer);
      if (!result) return this.#leave(iterator, answer);
      if (result.done) return this.#call.succeed(new Uint8Array());
      this.#send(result.value);
    }
    await this.#leave(iterator, undefined);
  }

  #send(answer: unknown): void {
    try {
      const data = encodeAnswer(this.#route.method, answer);
      const oversize = this.#call.oversize(data);
      if (oversize) {
        this.#call.fail(oversize);
        return;
      }
      this.#sentBytes += costOf(data);
      this.#sequence++;
      this.#call.send(data, this.#sequence === 1 ? this.#position(1) : { [header.sequence]: String(this.#sequence) });
    } catch (thrown) {
      this.#call.fail(thrown); // An answer that is no message of the contract.
    }
  }

  #position(sequence: number): HeaderMap {
    return { [header.sequence]: String(sequence), [header.instance]: this.#route.instance };
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Not Promise.race: against a promise that outlives thousands of messages it would keep all of them. */
  #unlessEnded<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        if (this.#call.ended) resolve(undefined);
      };
      promise.then(resolve, reject);
    });
  }

  /** The call has ended before its handler: the handler has its signal; its iterator is closed so that it cleans up. */
  async #leave(iterator: AsyncIterator<unknown>, pending: Promise<unknown> | undefined): Promise<void> {
    try {
      await pending;
      await this.#call.within(() => iterator.return?.());
    } catch (thrown) {
      this.#core.log?.debug({ err: thrown, method: this.#route.label }, "a handler failed after its call had ended");
    }
  }
}
