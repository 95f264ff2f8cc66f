import type { CheckedAction } from "@podbus/actions";
import type { AttemptOutcome } from "./domain/attempt.ts";

/** Does a probe's action once. Never throws but for the signal: CANCELLED. */
export interface ProbeActions {
  attempt(containerId: string, action: CheckedAction, limits: AttemptLimits): Promise<AttemptOutcome>;
}

export interface AttemptLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
