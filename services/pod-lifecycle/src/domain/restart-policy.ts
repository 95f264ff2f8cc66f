import type { Container, Pod } from "@podbus/kube";
import type { ObservedContainer } from "./observed-pod.ts";

/** kubelet: ShouldContainerBeRestarted (pkg/kubelet/container/helpers.go), for a run that has ended. */
export function shouldRestart(pod: Pod, run: ObservedContainer): boolean {
  const policy = pod.spec.restartPolicy ?? "Always";
  if (policy === "Never") return false;
  return policy === "Always" || run.exitCode !== 0;
}

/** An init container runs until it has succeeded once, unless the policy is Never. */
export function shouldRetryInit(pod: Pod, run: ObservedContainer): boolean {
  return run.exitCode !== 0 && pod.spec.restartPolicy !== "Never";
}

export function hasPostStart(container: Container): boolean {
  return container.lifecycle?.postStart !== undefined;
}
