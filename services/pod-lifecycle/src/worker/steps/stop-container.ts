import { withSpan } from "@podbus/telemetry";
import { minimumGraceSeconds } from "../../domain/decide-stopped.ts";
import type { StopContainerAction } from "../../domain/pod-plan.ts";
import type { PodTask } from "../pod-task.ts";
import { runPreStop } from "./run-hook.ts";

/**
 * preStop, then the stop signal, then KILL; all within the grace period, which begins now. Between the two signals there are
 * two seconds always: after a hook that took long, and where a deletion is forced (kuberuntime_container.go killContainer).
 */
export async function stopContainer(task: PodTask, action: StopContainerAction): Promise<void> {
  const { services, pod, ref } = task;
  const { container, id, graceSeconds } = action;
  services.events.record(pod, { type: "Normal", reason: "Killing", message: action.message, container });
  const beganMs = services.clock.monotonic();
  if (action.preStop) await runPreStop(task, action, graceSeconds * 1000);
  const spentSeconds = Math.floor((services.clock.monotonic() - beganMs) / 1000);
  const leftSeconds = Math.max(graceSeconds - spentSeconds, minimumGraceSeconds);
  await withSpan(services.tracer, `stop ${container}`, { attributes: { graceSeconds: leftSeconds } }, async () => {
    await services.cri.runtime.stopContainer(
      { containerId: id, timeout: BigInt(leftSeconds) },
      { signal: task.signal, timeoutMs: (leftSeconds + 120) * 1000 },
    );
    const seen = services.runtime.observed(ref.uid).containers.find((c) => c.id === id);
    if (seen && seen.state !== "exited") await services.runtime.refreshPod(ref.uid);
  });
}
