import { parseTime } from "../../decode/time.ts";
import { humanDuration } from "../../table/human-duration.ts";
import { isPodReady, isPodTerminal, podCondition } from "./conditions.ts";
import { isSidecar } from "./resources.ts";
import type { Pod } from "./schema.ts";
import type { ContainerState, ContainerStatus } from "./status-schema.ts";

// pkg/printers/internalversion/printers.go printPod

export interface PrintedPod {
  readonly ready: string;
  readonly status: string;
  readonly restarts: string;
}

class RestartCount {
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;

  add(status: ContainerStatus): void {
    this.#count += status.restartCount;
    const finished = parseTime(status.lastState?.terminated?.finishedAt ?? "");
    if (finished !== undefined) this.#last = Math.max(this.#last, finished);
  }

  print(now: number): string {
    if (this.#count === 0 || this.#last === Number.NEGATIVE_INFINITY) return String(this.#count);
    return `${this.#count} (${humanDuration(now - this.#last)} ago)`;
  }
}

function terminatedReason(terminated: NonNullable<ContainerState["terminated"]>): string {
  if ((terminated.reason ?? "") !== "") return terminated.reason ?? "";
  const signal = terminated.signal ?? 0;
  return signal === 0 ? `ExitCode:${terminated.exitCode}` : `Signal:${signal}`;
}

/** Why an init container holds the pod up; undefined if it does not. */
function initReason(status: ContainerStatus, sidecar: boolean, index: number, total: number): string | undefined {
  const { terminated, waiting } = status.state ?? {};
  if (terminated?.exitCode === 0) return undefined;
  if (sidecar && status.started === true) return undefined;
  if (terminated !== undefined) return `Init:${terminatedReason(terminated)}`;
  const reason = waiting?.reason ?? "";
  return reason !== "" && reason !== "PodInitializing" ? `Init:${reason}` : `Init:${index}/${total}`;
}

interface Progress {
  reason: string;
  readyContainers: number;
  restarts: RestartCount;
}

/** Goes through the init containers up to the first that holds the pod up. True if one does. */
function walkInits(pod: Pod, progress: Progress, sidecarRestarts: RestartCount): boolean {
  const inits = pod.spec.initContainers ?? [];
  const sidecars = new Set(inits.filter(isSidecar).map(({ name }) => name));
  for (const [index, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecars.has(status.name);
    progress.restarts.add(status);
    if (sidecar) sidecarRestarts.add(status);
    const reason = initReason(status, sidecar, index, inits.length);
    if (reason !== undefined) {
      progress.reason = reason;
      return true;
    }
    if (sidecar && status.ready && status.state?.terminated === undefined) progress.readyContainers += 1;
  }
  return false;
}

/** The first container with something to say wins: later ones are read first and overwritten. */
function walkContainers(pod: Pod, progress: Progress): void {
  let anyRunning = false;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    progress.restarts.add(status);
    const { waiting, terminated, running } = status.state ?? {};
    if ((waiting?.reason ?? "") !== "") progress.reason = waiting?.reason ?? "";
    else if (terminated !== undefined) progress.reason = terminatedReason(terminated);
    else if (status.ready && running !== undefined) {
      anyRunning = true;
      progress.readyContainers += 1;
    }
  }
  if (progress.reason === "Completed" && anyRunning) progress.reason = isPodReady(pod) ? "Running" : "NotReady";
}

function deletionReason(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined) return undefined;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  return isPodTerminal(pod) ? undefined : "Terminating";
}

function initialReason(pod: Pod): string {
  if (podCondition(pod, "PodScheduled")?.reason === "SchedulingGated") return "SchedulingGated";
  return (pod.status?.reason ?? "") === "" ? (pod.status?.phase ?? "") : (pod.status?.reason ?? "");
}

/** READY, STATUS and RESTARTS of a pod. `now` in Unix milliseconds. */
export function printPod(pod: Pod, now: number): PrintedPod {
  const progress: Progress = { reason: initialReason(pod), readyContainers: 0, restarts: new RestartCount() };
  const sidecarRestarts = new RestartCount();
  const initializing = walkInits(pod, progress, sidecarRestarts);
  if (!initializing || podCondition(pod, "Initialized")?.status === "True") {
    progress.restarts = sidecarRestarts;
    walkContainers(pod, progress);
  }
  const total = pod.spec.containers.length + (pod.spec.initContainers ?? []).filter(isSidecar).length;
  return {
    ready: `${progress.readyContainers}/${total}`,
    status: deletionReason(pod) ?? progress.reason,
    restarts: progress.restarts.print(now),
  };
}
