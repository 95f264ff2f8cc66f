import type { ObservedContainer } from "./observed-pod.ts";
import type { PodGoal } from "./pod-goal.ts";
import type { PodInputs } from "./pod-inputs.ts";
import { isCreating, type PodAction, type PodPlan, type StopContainerAction } from "./pod-plan.ts";
import { roleOf } from "./restart-policy.ts";
import { retryable } from "./retryable.ts";

/** kubelet: minimumGracePeriodInSeconds (pkg/kubelet/kuberuntime). */
export const minimumGraceSeconds = 2;

/** Ends what runs, sidecars last; then, for a deleted pod, removes every trace of it, in order. */
export function decideStopped(inputs: PodInputs, goal: Exclude<PodGoal, { kind: "run" }>): PodPlan {
  const live = inputs.observed.containers.filter((c) => c.state !== "exited");
  if (live.length > 0) return retryable(inputs, endNext(inputs, live, goal.graceSeconds));
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

/** All others at once, then the sidecars, one after another from the last (KEP-753). */
function endNext(inputs: PodInputs, live: readonly ObservedContainer[], graceSeconds: number): PodAction[] {
  const { pod } = inputs;
  const others = live.filter(({ name }) => roleOf(pod, name) !== "sidecar");
  if (others.length > 0) return others.map((run) => endContainer(run, graceSeconds));
  const place = ({ name }: ObservedContainer) => pod.spec.initContainers?.findIndex((c) => c.name === name) ?? -1;
  const next = live.toSorted((a, b) => place(b) - place(a))[0];
  return next ? [endContainer(next, graceLeft(inputs, graceSeconds))] : [];
}

/** What those before have left of the pod's grace period; from their ends, so that it stays the same while it runs. */
function graceLeft({ progress: { endingSinceMs }, observed }: PodInputs, graceSeconds: number): number {
  if (endingSinceMs === undefined || graceSeconds === 0) return graceSeconds;
  const turnMs = Math.max(endingSinceMs, ...observed.containers.map((c) => c.endedSteadyMs));
  return Math.max(Math.ceil(graceSeconds - (turnMs - endingSinceMs) / 1000), minimumGraceSeconds);
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
