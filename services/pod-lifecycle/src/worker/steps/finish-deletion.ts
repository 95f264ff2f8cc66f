import type { PodTask } from "../pod-task.ts";

/** The last status is known to the API; then the object may go. */
export async function finishDeletion({ services, ref, progress, statusSent, signal }: PodTask): Promise<void> {
  await statusSent();
  await services.api.finishPodDeletion({ pod: ref }, { signal });
  progress.deletionReported = true;
}
