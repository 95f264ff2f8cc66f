import type { Clock } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { Cri } from "../cri.ts";

export interface WaitOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Resolves when the runtime answers and says that it and its network are ready. */
export async function waitUntilRuntimeReady(cri: Cri, { clock, timeoutMs, signal }: WaitOptions): Promise<void> {
  const giveUpAt = clock.monotonic() + timeoutMs;
  for (;;) {
    const problem = await problemOf(cri, signal);
    if (problem === undefined) return;
    if (clock.monotonic() >= giveUpAt) {
      throw new PodbusError({ code: "UNAVAILABLE", message: `the container runtime is not ready: ${problem}` });
    }
    await clock.sleep(20, signal);
  }
}

async function problemOf(cri: Cri, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { status } = await cri.runtime.status({}, { timeoutMs: 2000, ...(signal ? { signal } : {}) });
    const unmet = (status?.conditions ?? []).filter((condition) => !condition.status);
    return unmet.length === 0 ? undefined : unmet.map(({ type, message }) => `${type}: ${message}`).join("; ");
  } catch (error) {
    const { code, message } = toPodbusError(error);
    if (code === "CANCELLED") throw error;
    return message;
  }
}
