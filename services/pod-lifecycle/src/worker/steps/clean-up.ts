import type { PodTask } from "../pod-task.ts";

/** Volumes, files, logs and cgroup of a pod whose containers are gone. */
export async function cleanUp({ services, pod, progress }: PodTask): Promise<void> {
  await services.volumes.remove(pod);
  await Promise.all([services.files.removeAll(pod), services.cgroups.remove(pod)]);
  await services.users.release(pod);
  progress.cleanedUp = true;
}
