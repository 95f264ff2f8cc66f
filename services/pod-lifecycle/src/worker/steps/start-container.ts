import { PodbusError, toPodbusError } from "@podbus/errors";
import { withSpan } from "@podbus/telemetry";
import type { PodTask } from "../pod-task.ts";

/** The container's process runs. */
export async function startContainer(
  task: PodTask,
  action: { readonly container: string; readonly id: string },
): Promise<void> {
  const { services, pod, ref } = task;
  const { container, id } = action;
  await withSpan(services.tracer, `start ${container}`, {}, async () => {
    try {
      await services.cri.runtime.startContainer({ containerId: id });
    } catch (thrown) {
      await failed(task, action, thrown);
    }
    // Usually the event has told already when it started.
    const seen = services.runtime.observed(ref.uid).containers.find((c) => c.id === id);
    if (seen?.state === "created") await services.runtime.refreshContainer(ref, id);
  });
  services.events.record(pod, {
    type: "Normal",
    reason: "Started",
    message: `Started container ${container}`,
    container,
  });
}

/** A start whose answer was lost, or that an earlier process of ours made, has succeeded all the same. */
async function failed(
  { services, pod, ref }: PodTask,
  { container, id }: { container: string; id: string },
  thrown: unknown,
) {
  await services.runtime.refreshContainer(ref, id);
  const seen = services.runtime.observed(ref.uid).containers.find((c) => c.id === id);
  if (seen?.state === "running") return;
  const { code, message } = toPodbusError(thrown);
  services.events.record(pod, { type: "Warning", reason: "Failed", message: `Error: ${message}`, container });
  throw new PodbusError({ code, reason: "RunContainerError", message, cause: thrown });
}
