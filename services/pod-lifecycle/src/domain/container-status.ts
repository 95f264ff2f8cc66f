import type { Container, ContainerState, ContainerStatus } from "@podbus/kube";
import { hasStarted, isShownRunning } from "./container-started.ts";
import { formatGoDuration, restartAtMs } from "./crash-back-off.ts";
import { kubeTime } from "./kube-time.ts";
import { newestSandbox, type ObservedContainer, runsOf } from "./observed-pod.ts";
import type { PodInputs } from "./pod-inputs.ts";
import { roleOf, shouldRestart } from "./restart-policy.ts";
import { storedStatuses } from "./stored-statuses.ts";

export interface StatusContext {
  readonly inputs: PodInputs;
  /** No container will be started any more. */
  readonly ending: boolean;
}

/** App containers' statuses, sorted by name as the kubelet sorts them. */
export function appContainerStatuses(context: StatusContext): ContainerStatus[] {
  const statuses = context.inputs.pod.spec.containers.map((c) => containerStatus(context, c));
  return statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Init containers' statuses, in the order of the spec. */
export function initContainerStatuses(context: StatusContext): ContainerStatus[] {
  return (context.inputs.pod.spec.initContainers ?? []).map((c) => containerStatus(context, c));
}

/** In the order in which they were added. */
export function ephemeralContainerStatuses(context: StatusContext): ContainerStatus[] {
  return (context.inputs.pod.spec.ephemeralContainers ?? []).map((c) => containerStatus(context, c));
}

/** kubelet: convertToAPIContainerStatuses (pkg/kubelet/kubelet_pods.go). */
function containerStatus(context: StatusContext, container: Container): ContainerStatus {
  const runs = runsOf(context.inputs.observed, container.name);
  const [last, previous] = runs;
  if (!last) return neverRun(context, container);
  const state = currentState(context, container, last);
  // Whoever waits for the next run shows the last one's end as the previous state.
  const endedBefore = state.waiting && last.state === "exited" ? last : previous;
  const lastState =
    endedBefore?.state === "exited" ? terminatedState(endedBefore) : storedLastState(context, container);
  return {
    name: container.name,
    state,
    lastState,
    ready: isReady(context.inputs, container, last),
    restartCount: last.restartCount,
    image: last.image || (container.image ?? ""),
    imageID: last.imageRef,
    containerID: `containerd://${last.id}`,
    started: hasStarted(context.inputs, container, last),
  };
}

function neverRun(context: StatusContext, container: Container): ContainerStatus {
  return {
    name: container.name,
    state: { waiting: waitingState(context, container) },
    lastState: {},
    ready: false,
    restartCount: 0,
    image: container.image ?? "",
    imageID: "",
    started: false,
  };
}

function currentState(context: StatusContext, container: Container, run: ObservedContainer): ContainerState {
  const { inputs, ending } = context;
  if (run.state === "exited") {
    const again = !ending && shouldRestart(inputs.pod, run);
    return again ? { waiting: restartWaiting(context, container, run) } : terminatedState(run);
  }
  if (!isShownRunning(inputs, container, run)) return { waiting: waitingState(context, container) };
  return { running: { startedAt: kubeTime(run.startedAtMs) } };
}

/** Between two runs: what failed lately, else the crash back-off, else about to be made. */
function restartWaiting(context: StatusContext, container: Container, run: ObservedContainer): Waiting {
  const { pod, steadyMs } = context.inputs;
  if (restartAtMs(run) <= steadyMs) return waitingState(context, container);
  const ref = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
  const delay = formatGoDuration(run.backOffMs);
  const message = `back-off ${delay} restarting failed container=${container.name} pod=${ref}`;
  return { reason: "CrashLoopBackOff", message };
}

interface Waiting {
  reason: string;
  message?: string;
}

function waitingState({ inputs }: StatusContext, container: Container): Waiting {
  const image = inputs.progress.images.get(container.name);
  if (image?.kind === "failed") return { reason: image.reason, message: image.message };
  const failure = inputs.progress.failures.get(`container:${container.name}`);
  if (failure?.reason) return { reason: failure.reason, message: failure.message };
  const hasInit = (inputs.pod.spec.initContainers ?? []).length > 0;
  return { reason: hasInit ? "PodInitializing" : "ContainerCreating" };
}

export function terminatedState(run: ObservedContainer): ContainerState {
  const message = run.terminationMessage || run.message;
  return {
    terminated: {
      exitCode: run.exitCode,
      reason: run.reason || (run.exitCode === 0 ? "Completed" : "Error"),
      ...(message ? { message } : {}),
      ...(run.startedAtMs ? { startedAt: kubeTime(run.startedAtMs) } : {}),
      ...(run.finishedAtMs ? { finishedAt: kubeTime(run.finishedAtMs) } : {}),
      containerID: `containerd://${run.id}`,
    },
  };
}

function storedLastState({ inputs }: StatusContext, container: Container): ContainerState {
  return storedStatuses(inputs.pod).find((s) => s.name === container.name)?.lastState ?? {};
}

/** kubelet: prober manager's UpdatePodStatus (pkg/kubelet/prober/prober_manager.go). */
function isReady(inputs: PodInputs, container: Container, run: ObservedContainer): boolean {
  if (roleOf(inputs.pod, container.name) === "init") return run.state === "exited" && run.exitCode === 0;
  if (roleOf(inputs.pod, container.name) === "ephemeral" || !hasStarted(inputs, container, run)) return false;
  if (newestSandbox(inputs.observed)?.state !== "ready") return false;
  return container.readinessProbe ? inputs.progress.verdicts.get(run.id)?.readiness === true : true;
}
