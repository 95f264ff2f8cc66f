import type { PodInputs } from "./pod-inputs.ts";
import { failureLane, type PodAction, type PodPlan } from "./pod-plan.ts";

/** The actions whose turn it is: leaves out what failed a moment ago and says when to look again. */
export function retryable(inputs: PodInputs, actions: readonly PodAction[]): PodPlan {
  const waits: number[] = [];
  const due = actions.filter((action) => {
    const untilMs = inputs.progress.failures.get(failureLane(action))?.retryAtMs ?? 0;
    if (untilMs <= inputs.steadyMs) return true;
    waits.push(untilMs);
    return false;
  });
  return { actions: due, wakeAtMs: earliest(waits) };
}

export function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((t) => t !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
