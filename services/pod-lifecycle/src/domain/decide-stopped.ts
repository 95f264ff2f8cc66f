import type { ObservedContainer } from "./observed-pod.ts";
import type { PodGoal } from "./pod-goal.ts";
import type { PodInputs } from "./pod-inputs.ts";
import { isCreating, type PodAction, type PodPlan, type StopContainerAction } from "./pod-plan.ts";
import { retryable } from "./retryable.ts";

/** Ends what runs, all containers at once; then, for a deleted pod, removes every trace of it, in order. */
export function decideStopped(inputs: PodInputs, goal: Exclude<PodGoal, { kind: "run" }>): PodPlan {
  const live = inputs.observed.containers.filter((c) => c.state !== "exited");
  if (live.length > 0)
    return retryable(
      inputs,
      live.map((c) => endContainer(c, goal.graceSeconds)),
    );
  // What is being made now is awaited, seen, and ended in the next round.
  if (isCreating(inputs.inFlight)) return now([]);
  const unstopped = inputs.observed.sandboxes.filter((s) => mustStop(inputs, s.id, s.state));
  if (unstopped.length > 0)
    return retryable(
      inputs,
      unstopped.map((s) => ({ kind: "stop-sandbox", id: s.id })),
    );
  return goal.kind === "remove" ? removeAll(inputs, goal.reportEnd) : now([]);
}

/** A sandbox that is not ready may still hold its network: it is stopped once by us before it is removed. */
function mustStop(inputs: PodInputs, id: string, state: "ready" | "not-ready"): boolean {
  return state === "ready" || !inputs.progress.stoppedSandboxes.has(id);
}

function removeAll(inputs: PodInputs, reportEnd: boolean): PodPlan {
  const { sandboxes } = inputs.observed;
  if (sandboxes.length > 0)
    return retryable(
      inputs,
      sandboxes.map((s) => ({ kind: "remove-sandbox", id: s.id })),
    );
  const orphans = inputs.observed.containers.filter((c) => !c.lost);
  if (orphans.length > 0)
    return retryable(
      inputs,
      orphans.map((c) => ({ kind: "remove-container", container: c.name, id: c.id })),
    );
  if (!inputs.progress.cleanedUp) return retryable(inputs, [{ kind: "clean-up" }]);
  return reportEnd && !inputs.progress.deletionReported ? retryable(inputs, [{ kind: "finish-deletion" }]) : now([]);
}

export function endContainer(run: ObservedContainer, graceSeconds: number): PodAction {
  return run.state === "created"
    ? { kind: "remove-container", container: run.name, id: run.id }
    : stopContainer(run, graceSeconds, `Stopping container ${run.name}`);
}

export function stopContainer(run: ObservedContainer, graceSeconds: number, message: string): StopContainerAction {
  const preStop = graceSeconds > 0;
  return { kind: "stop-container", container: run.name, id: run.id, graceSeconds, preStop, message };
}

const now = (actions: readonly PodAction[]): PodPlan => ({ actions, wakeAtMs: undefined });
