import type { Pod } from "@podbus/kube";
import { withSpan } from "@podbus/telemetry";
import type { VolumesFresh } from "../../domain/pod-inputs.ts";
import type { PodTask } from "../pod-task.ts";

/** Every volume of the pod is there, with its content. */
export async function ensureVolumes({ services, pod, progress, signal }: PodTask): Promise<void> {
  await withSpan(services.tracer, "volumes", {}, async () => {
    await services.volumes.ensure(pod, signal);
    progress.volumesReady = true;
    progress.volumesFresh = freshSince(services.clock.monotonic(), pod);
  });
}

/** What volumes take from the API is brought up to date. */
export async function refreshVolumes({ services, pod, progress, signal }: PodTask): Promise<void> {
  const beganMs = services.clock.monotonic();
  await services.volumes.refresh(pod, signal);
  progress.volumesFresh = freshSince(beganMs, pod);
}

function freshSince(atMs: number, { metadata: { labels, annotations } }: Pod): VolumesFresh {
  return { atMs, metadata: { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) } };
}
