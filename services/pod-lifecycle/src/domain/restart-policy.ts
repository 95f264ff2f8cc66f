import { type Container, isSidecar, type Pod } from "@podbus/kube";
import type { ObservedContainer } from "./observed-pod.ts";

/** Every container of a pod, of whatever role. */
export function allContainers({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

/**
 * app: what the pod is for. init: runs until it has succeeded once, before them. sidecar: an init container with
 * restartPolicy Always, which begins in its place and stays beside them (KEP-753).
 * ephemeral: added later, for debugging; runs once, and neither readiness nor phase looks at it.
 */
export type ContainerRole = "app" | "init" | "sidecar" | "ephemeral";

export function roleOf(pod: Pod, name: string): ContainerRole {
  const init = pod.spec.initContainers?.find((c) => c.name === name);
  if (!init) return pod.spec.ephemeralContainers?.some((c) => c.name === name) ? "ephemeral" : "app";
  return isSidecar(init) ? "sidecar" : "init";
}

/** kubelet: ShouldContainerBeRestarted (pkg/kubelet/container/helpers.go), for a run that has ended. */
export function shouldRestart(pod: Pod, run: ObservedContainer): boolean {
  const policy = pod.spec.restartPolicy ?? "Always";
  switch (roleOf(pod, run.name)) {
    case "sidecar":
      return true;
    case "ephemeral":
      return false;
    case "init":
      return run.exitCode !== 0 && policy !== "Never";
    case "app":
      return policy === "Always" || (policy === "OnFailure" && run.exitCode !== 0);
  }
}

export function hasPostStart(container: Container): boolean {
  return container.lifecycle?.postStart !== undefined;
}
