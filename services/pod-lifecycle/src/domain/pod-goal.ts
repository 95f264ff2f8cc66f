import type { Pod } from "@podbus/kube";
import { newestSandbox, type ObservedContainer, type ObservedPod, runsOf } from "./observed-pod.ts";
import type { PodInputs, PodProgress } from "./pod-inputs.ts";
import { roleOf, shouldRestart } from "./restart-policy.ts";

export type PodGoal =
  | { readonly kind: "run"; readonly untilMs: number | undefined }
  /** Containers end; the rest is kept for logs until the pod is deleted. */
  | { readonly kind: "stop"; readonly graceSeconds: number; readonly failure?: PodFailure }
  /** Nothing of the pod stays here. */
  | { readonly kind: "remove"; readonly graceSeconds: number; readonly reportEnd: boolean };

export interface PodFailure {
  readonly reason: string;
  readonly message: string;
  /** The pod is Failed at once, however its containers end. */
  readonly failsPod?: true;
}

/** What the pod's object, its age and its containers' ends ask for. */
export function podGoal(inputs: PodInputs): PodGoal {
  const { pod, gone, progress } = inputs;
  if (gone) return { kind: "remove", graceSeconds: 0, reportEnd: false };
  if (pod.metadata.deletionTimestamp)
    return { kind: "remove", graceSeconds: atMost(progress, deletionGrace(pod)), reportEnd: true };
  if (progress.rejection) return { kind: "stop", graceSeconds: 0, failure: progress.rejection };
  const graceSeconds = atMost(progress, podGrace(pod));
  const failure = podFailure(inputs);
  if (failure) return { kind: "stop", graceSeconds, failure };
  if (hasEnded(pod, inputs.observed)) return { kind: "stop", graceSeconds };
  return { kind: "run", untilMs: deadlineMs(inputs) };
}

/** A pod once Failed or Succeeded never runs again, whatever the runtime holds. */
function podFailure(inputs: PodInputs): PodFailure | undefined {
  const { pod, progress, steadyMs } = inputs;
  const stored = pod.status;
  if (stored?.phase === "Failed" || stored?.phase === "Succeeded") {
    return { reason: stored.reason ?? "", message: stored.message ?? "" };
  }
  if (progress.termination) {
    const { reason, message } = progress.termination;
    return { reason, message, failsPod: true };
  }
  const untilMs = deadlineMs(inputs);
  if (untilMs === undefined || steadyMs < untilMs) return undefined;
  // kubelet: pkg/kubelet/active_deadline.go
  const message = "Pod was active on the node longer than the specified deadline";
  return { reason: "DeadlineExceeded", message, failsPod: true };
}

const atMost = ({ termination }: PodProgress, graceSeconds: number): number =>
  Math.min(graceSeconds, termination?.graceSeconds ?? graceSeconds);

/** On the steady clock. */
function deadlineMs({ pod, progress }: PodInputs): number | undefined {
  const seconds = pod.spec.activeDeadlineSeconds;
  return typeof seconds === "number" ? progress.startedSteadyMs + seconds * 1000 : undefined;
}

export function podGrace(pod: Pod): number {
  return pod.spec.terminationGracePeriodSeconds ?? 30;
}

function deletionGrace(pod: Pod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? podGrace(pod);
}

/** Whether every app container has had its last run, or an init container has failed for good; sidecars keep no pod alive. */
export function hasEnded(pod: Pod, observed: ObservedPod): boolean {
  const inits = (pod.spec.initContainers ?? []).filter(({ name }) => roleOf(pod, name) === "init");
  const failedInit = inits.some(({ name }) => {
    const last = currentInitRun(observed, name);
    return last?.state === "exited" && last.exitCode !== 0 && !shouldRestart(pod, last);
  });
  return failedInit || pod.spec.containers.every((c) => isOver(pod, runsOf(observed, c.name)[0]));
}

/** Init containers run anew with each sandbox, so an older sandbox's failure does not count once a new one is ready. */
function currentInitRun(observed: ObservedPod, name: string): ObservedContainer | undefined {
  const sandbox = newestSandbox(observed);
  const last = runsOf(observed, name)[0];
  return sandbox?.state === "ready" && last && !last.lost && last.sandboxId !== sandbox.id ? undefined : last;
}

function isOver(pod: Pod, last: ObservedContainer | undefined): boolean {
  return last?.state === "exited" && !shouldRestart(pod, last);
}
