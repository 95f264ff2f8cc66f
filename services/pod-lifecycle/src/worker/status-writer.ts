import { type Context, context } from "@opentelemetry/api";
import { pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { PodStatus } from "@podbus/kube";
import { withSpan } from "@podbus/telemetry";
import type { PodIdentity } from "../domain/pod-ref.ts";
import { canonicalText, isUrgent } from "../domain/same-status.ts";
import type { NodeServices } from "../ports.ts";

const retryMs = { initial: 100, max: 5_000 };
/** How long a change that nobody waits for is held, so that it travels with the next one. */
const holdMs = 250;

export interface StatusWriterOptions {
  readonly services: Pick<NodeServices, "api" | "clock" | "log" | "tracer">;
  readonly ref: PodIdentity;
  /** The parent of the next write's span. */
  readonly parent: () => Context;
  /** The API has taken it. */
  readonly onTaken: (status: PodStatus) => void;
  /** This incarnation of the pod is gone. */
  readonly onGone: () => void;
  readonly signal: AbortSignal;
}

/** One write at a time; what is offered meanwhile replaces what waits, so that the newest always wins. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #takenStatus: PodStatus | undefined;
  #taken: string;
  #waiting: PodStatus | undefined;
  #writing: Promise<void> | undefined;
  #cancelHold: (() => void) | undefined;

  /** `stored`: what the API has already. */
  constructor(options: StatusWriterOptions, stored: PodStatus | undefined) {
    this.#options = options;
    this.#takenStatus = stored;
    this.#taken = canonicalText(stored ?? {});
  }

  offer(status: PodStatus): void {
    if (canonicalText(status) === this.#taken && !this.#writing) {
      this.#drop();
      return;
    }
    this.#waiting = status;
    if (isUrgent(status, this.#takenStatus)) this.#begin();
    else this.#cancelHold ??= this.#options.services.clock.after(holdMs, () => this.#begin());
  }

  /** Writes what is held; resolves when nothing waits to be written. */
  async settled(): Promise<void> {
    if (this.#waiting) this.#begin();
    while (this.#writing) await this.#writing;
  }

  #drop(): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#waiting = undefined;
  }

  #begin(): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    if (this.#options.signal.aborted) return;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    const { services, signal } = this.#options;
    for (let delayMs = retryMs.initial; this.#waiting && !signal.aborted; ) {
      const status = this.#waiting;
      this.#waiting = undefined;
      const text = canonicalText(status);
      if (text === this.#taken) continue;
      try {
        await this.#write(status, text);
        this.#taken = text;
        this.#takenStatus = status;
        delayMs = retryMs.initial;
        this.#options.onTaken(status);
      } catch (thrown) {
        const error = toPodbusError(thrown);
        if (error.code === "NOT_FOUND") {
          this.#waiting = undefined;
          this.#options.onGone();
          return;
        }
        services.log.warn({ err: error, pod: this.#options.ref }, "cannot write the pod's status");
        this.#waiting ??= status;
        await pause(services.clock, delayMs, signal);
        delayMs = Math.min(delayMs * 2, retryMs.max);
      }
    }
  }

  async #write(status: PodStatus, text: string): Promise<void> {
    const { services, ref, signal } = this.#options;
    const parent = this.#options.parent();
    const line = { step: "status", pod: `${ref.namespace}/${ref.name}`, status: status.phase };
    services.log.info({ ...line, phase: "begin" }, "writing the status");
    await context.with(parent, () =>
      withSpan(services.tracer, "status", { attributes: { phase: status.phase ?? "" }, parent }, () =>
        services.api.updatePodStatus({ pod: ref, statusJson: Buffer.from(text) }, { signal }),
      ),
    );
    services.log.info({ ...line, phase: "end" }, "wrote the status");
  }
}
