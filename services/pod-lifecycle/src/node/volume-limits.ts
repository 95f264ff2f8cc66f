import { pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import { diskUsage } from "../adapters/disk-usage.ts";
import { podPaths } from "../domain/pod-paths.ts";
import { limitedVolumes, volumeExcess } from "../domain/volume-limits.ts";
import type { NodeServices } from "../ports.ts";
import type { PodWorker } from "../worker/pod-worker.ts";

/** kubelet: the eviction manager's monitoringInterval. */
const everyMs = 10_000;
/** kubelet: immediateEvictionGracePeriodSeconds. */
const graceSeconds = 1;

type LimitServices = Pick<NodeServices, "clock" | "events" | "log" | "node">;

/** Evicts pods whose directories on disk have grown beyond their limits, until `signal`. */
export async function enforceVolumeLimits(
  services: LimitServices,
  activePods: () => readonly PodWorker[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const worker of activePods()) {
      if (signal.aborted) return;
      const message = await excessOf(services, worker, signal);
      if (message === undefined) continue;
      services.events.record(worker.pod, { type: "Warning", reason: "Evicted", message });
      void worker.terminate({ reason: "Evicted", message, graceSeconds });
    }
    await pause(services.clock, everyMs, signal);
  }
}

async function excessOf(
  { log, node }: LimitServices,
  { pod, ref, progress }: PodWorker,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (progress.termination || !progress.volumesReady) return undefined;
  try {
    for (const volume of limitedVolumes(pod)) {
      const bytes = await diskUsage(podPaths.emptyDir(node.directories, pod, volume.name), signal);
      const excess = volumeExcess(volume, bytes);
      if (excess) return excess;
    }
  } catch (thrown) {
    if (!signal.aborted) log.warn({ err: toPodbusError(thrown), pod: ref }, "cannot measure the pod's volumes");
  }
  return undefined;
}
