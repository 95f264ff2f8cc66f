import { PodbusError } from "@podbus/errors";
import type { Pod } from "@podbus/kube";
import { type ObservedContainer, type ObservedPod, runsOf } from "./observed-pod.ts";
import { allContainers } from "./restart-policy.ts";

export interface LogRequest {
  readonly containerName: string;
  readonly previous: boolean;
}

/**
 * The run whose log is asked for. Throws what Kubernetes answers where there is none.
 * kubelet: validateContainerLogStatus (pkg/kubelet/kubelet_pods.go). `reason`: the container's waiting reason.
 */
export function logTarget(
  pod: Pod,
  observed: ObservedPod,
  request: LogRequest,
  reason: string | undefined,
): ObservedContainer {
  const { containerName: name, previous } = request;
  requireContainer(pod, name);
  const [newest, before] = runsOf(observed, name);
  if (previous) {
    // Between two runs the last one is the previous one already.
    const last = newest?.state === "exited" && reason ? newest : before;
    return last ?? refuse(`previous terminated container "${name}" in pod "${pod.metadata.name}" not found`);
  }
  if (newest && newest.state !== "created") return newest;
  return before ?? refuse(`container "${name}" in pod "${pod.metadata.name}" is waiting to start: ${explain(reason)}`);
}

export function requireContainer(pod: Pod, name: string): void {
  const found = allContainers(pod).some((c) => c.name === name);
  if (!found) refuse(`container ${name} is not valid for pod ${pod.metadata.name}`);
}

function explain(reason: string | undefined): string {
  if (reason === "ErrImagePull") return "image can't be pulled";
  if (reason === "ImagePullBackOff") return "trying and failing to pull image";
  return reason ?? "ContainerCreating";
}

export function refuse(message: string): never {
  throw new PodbusError({ code: "INVALID_ARGUMENT", reason: "BadRequest", message });
}
