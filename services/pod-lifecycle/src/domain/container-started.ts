import type { Container } from "@podbus/kube";
import type { ObservedContainer } from "./observed-pod.ts";
import type { PodInputs } from "./pod-inputs.ts";
import { hasPostStart } from "./restart-policy.ts";

/** Whether a container is Running as users see it: not before its postStart hook has succeeded. */
export function isShownRunning({ progress }: PodInputs, container: Container, run: ObservedContainer): boolean {
  return run.state === "running" && (!hasPostStart(container) || progress.postStart.get(run.id) === "succeeded");
}

/** Running, and past its startup probe: status.started. kubelet: prober manager's UpdatePodStatus. */
export function hasStarted(inputs: PodInputs, container: Container, run: ObservedContainer): boolean {
  if (!isShownRunning(inputs, container, run)) return false;
  return container.startupProbe ? inputs.progress.verdicts.get(run.id)?.startup === true : true;
}
