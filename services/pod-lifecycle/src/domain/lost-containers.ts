import type { ContainerState, ContainerStatus, Pod } from "@podbus/kube";
import { parseKubeTime } from "./kube-time.ts";
import type { ObservedContainer, ObservedPod } from "./observed-pod.ts";
import { storedStatuses } from "./stored-statuses.ts";

/**
 * Adds the runs that the stored status tells of and the runtime no longer knows, as ended ones: the runtime's
 * data was wiped, or the run was removed after its end was reported. Restart counts and "do not run again"
 * thereby survive what the runtime forgets.
 * kubelet: convertToAPIContainerStatuses, reason ContainerStatusUnknown (pkg/kubelet/kubelet_pods.go).
 */
export function withLostContainers(pod: Pod, observed: ObservedPod): ObservedPod {
  const lost = storedStatuses(pod).flatMap((status) => lostRuns(status, observed));
  return lost.length === 0 ? observed : { ...observed, containers: [...observed.containers, ...lost] };
}

function lostRuns(status: ContainerStatus, observed: ObservedPod): ObservedContainer[] {
  const restarts = status.restartCount ?? 0;
  const known = observed.containers.filter((c) => c.name === status.name);
  const newest = Math.max(-1, ...known.map((c) => c.restartCount));
  if (newest >= restarts) return [];
  const current = status.state?.running || status.state?.terminated ? status.state : status.lastState;
  const id = bareId(status.containerID) || bareId(current?.terminated?.containerID);
  if (!current || !id || known.some((c) => c.id === id)) return [];
  return [lostRun(status, current, id)];
}

function lostRun(status: ContainerStatus, state: ContainerState, id: string): ObservedContainer {
  const ended = state.terminated;
  return {
    id,
    name: status.name,
    sandboxId: "",
    attempt: status.restartCount ?? 0,
    restartCount: status.restartCount ?? 0,
    state: "exited",
    createdAtMs: 0,
    startedAtMs: parseKubeTime(ended?.startedAt ?? state.running?.startedAt),
    finishedAtMs: parseKubeTime(ended?.finishedAt),
    endedSteadyMs: 0,
    exitCode: ended?.exitCode ?? 137,
    reason: ended?.reason ?? "ContainerStatusUnknown",
    message: ended
      ? (ended.message ?? "")
      : "The container could not be located when the pod was deleted.  The container used to be Running",
    image: status.image ?? "",
    imageRef: status.imageID ?? "",
    backOffMs: 0,
    hash: "",
    lost: true,
  };
}

const bareId = (id: string | undefined): string => id?.replace(/^[a-z-]+:\/\//, "") ?? "";
