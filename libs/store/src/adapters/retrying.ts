import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { unavailable } from "../domain/store-errors.ts";
import { isApiError } from "./object-stream.ts";

export interface Retrying {
  readonly clock: Clock;
  /** For all tries together. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** What was wanted, for the error message. */
  readonly what: string;
}

const firstDelayMs = 20;
const maxDelayMs = 500;

/** Tries a request that may be repeated, until the server answers it or the deadline has passed: UNAVAILABLE. */
export async function retrying<T>(options: Retrying, attempt: () => Promise<T>): Promise<T> {
  const { clock, deadlineMs, signal, what } = options;
  const untilMs = clock.monotonic() + deadlineMs;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (clock.monotonic() + delayMs >= untilMs) throw unavailable(`${what}: no answer from NATS in time`, error);
    }
    await clock.sleep(delayMs, signal);
  }
}

/** Whether a failure is the server's momentary state (starting, electing a leader, gone) rather than its answer. */
export function mayPass(error: unknown): boolean {
  if (error instanceof PodbusError) return false;
  return !isApiError(error) || error.status >= 500;
}
