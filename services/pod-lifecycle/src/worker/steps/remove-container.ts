import type { PodTask } from "../pod-task.ts";

/** The container is forgotten, its log and its termination message with it. */
export async function removeContainer(
  task: PodTask,
  { container, id }: { readonly container: string; readonly id: string },
): Promise<void> {
  const { services, pod, ref } = task;
  const run = services.runtime.observed(ref.uid).containers.find((c) => c.id === id);
  await services.cri.runtime.removeContainer({ containerId: id });
  services.runtime.sawRemoved(ref.uid, id);
  if (run) await services.files.removeRun(pod, container, run.attempt);
}
