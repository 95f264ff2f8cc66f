import { restartAtMs } from "./crash-back-off.ts";
import { runsOf } from "./observed-pod.ts";
import { podGoal } from "./pod-goal.ts";
import type { PodInputs } from "./pod-inputs.ts";
import { shouldRestart } from "./restart-policy.ts";

export interface CrashEvent {
  /** The run that ended. */
  readonly id: string;
  readonly container: string;
  readonly message: string;
}

/** The runs whose successor waits now; each is worth one BackOff event. */
export function crashEvents(inputs: PodInputs): CrashEvent[] {
  if (podGoal(inputs).kind !== "run") return [];
  const { pod, observed, steadyMs } = inputs;
  const { name, namespace, uid } = pod.metadata;
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return containers.flatMap((container) => {
    const last = runsOf(observed, container.name)[0];
    if (last?.state !== "exited" || !shouldRestart(pod, last) || restartAtMs(last) <= steadyMs) return [];
    const message = `Back-off restarting failed container ${container.name} in pod ${name}_${namespace}(${uid})`;
    return [{ id: last.id, container: container.name, message }];
  });
}
