import { type ContainerStatus, isSidecar, type Pod } from "@podbus/kube";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface PhaseInputs {
  readonly pod: Pod;
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  /** No container will run again, whatever the restart policy says. */
  readonly ending: boolean;
}

/** kubelet: getPhase (pkg/kubelet/kubelet_pods.go). */
export function podPhase({ pod, initStatuses, statuses, ending }: PhaseInputs): PodPhase {
  const policy = pod.spec.restartPolicy ?? "Always";
  const counts = count(statuses);
  const sidecarNames = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map((c) => c.name));
  const init = countInit(initStatuses.filter((s) => !sidecarNames.has(s.name)));
  const sidecars = countSidecars(initStatuses.filter((s) => sidecarNames.has(s.name)));
  if (init.failed > 0 && policy === "Never") return "Failed";
  const initializing =
    init.pending + init.failed + sidecars.pending > 0 && counts.running === 0 && counts.stopped === 0;
  if (initializing && !ending) return "Pending";
  if (counts.waiting > 0 && !(ending && counts.running === 0 && counts.stopped > 0)) return "Pending";
  if (counts.running + sidecars.running > 0) return "Running";
  if (counts.stopped === 0) return "Pending";
  if (ending) return counts.succeeded === statuses.length ? "Succeeded" : "Failed";
  if (policy === "Always") return "Running";
  if (counts.stopped === counts.succeeded) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

function count(statuses: readonly ContainerStatus[]) {
  const ended = (s: ContainerStatus) => s.state?.terminated ?? (s.state?.waiting ? s.lastState?.terminated : undefined);
  return {
    running: statuses.filter((s) => s.state?.running).length,
    stopped: statuses.filter((s) => !s.state?.running && ended(s)).length,
    // A container between two runs counts as stopped, but never as succeeded.
    succeeded: statuses.filter((s) => s.state?.terminated?.exitCode === 0).length,
    waiting: statuses.filter((s) => !s.state?.running && !ended(s)).length,
  };
}

function countInit(statuses: readonly ContainerStatus[]) {
  const exitCode = (s: ContainerStatus) => (s.state?.terminated ?? s.lastState?.terminated)?.exitCode;
  const failed = statuses.filter((s) => !s.state?.running && (exitCode(s) ?? 0) !== 0).length;
  const done = statuses.filter((s) => s.state?.terminated?.exitCode === 0).length;
  return { failed, pending: statuses.length - failed - done };
}

/** A sidecar's end says nothing about the pod; that it has not started once holds the pod back. */
function countSidecars(statuses: readonly ContainerStatus[]) {
  const running = statuses.filter((s) => s.state?.running);
  const ranBefore = (s: ContainerStatus) => s.state?.terminated ?? s.lastState?.terminated;
  const waiting = statuses.filter((s) => !s.state?.running && !ranBefore(s));
  return { running: running.length, pending: waiting.length + running.filter((s) => !s.started).length };
}
