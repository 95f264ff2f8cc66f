import { withSpan } from "@podbus/telemetry";
import type { PodTask } from "../pod-task.ts";

/** Every volume of the pod is there, with its content. */
export async function ensureVolumes({ services, pod, progress, signal }: PodTask): Promise<void> {
  await withSpan(services.tracer, "volumes", {}, async () => {
    await services.volumes.ensure(pod, signal);
    progress.volumesReady = true;
  });
}
