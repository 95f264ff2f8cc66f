import { pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import { rotateIfLarge } from "../adapters/log-rotator.ts";
import type { LogLimits } from "../domain/log-rotation.ts";
import { podPaths } from "../domain/pod-paths.ts";
import type { NodeServices } from "../ports.ts";

type RotationServices = Pick<NodeServices, "cri" | "runtime" | "clock" | "log" | "node">;

export interface LogRotationOptions {
  readonly limits: LogLimits;
  /** kubelet: containerLogMonitorInterval. */
  readonly everyMs: number;
}

/** Keeps the logs of running containers within their limits, until `signal`. One after another: it has time. */
export async function rotateLogs(
  services: RotationServices,
  { limits, everyMs }: LogRotationOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const ref of services.runtime.pods()) {
      const directory = podPaths.logs(services.node.directories, { metadata: ref });
      for (const run of services.runtime.observed(ref.uid).containers) {
        if (run.state !== "running" || signal.aborted) continue;
        await rotateOne(services, limits, { id: run.id, path: `${directory}/${podPaths.log(run.name, run.attempt)}` });
      }
    }
    await pause(services.clock, everyMs, signal);
  }
}

async function rotateOne(
  { cri, clock, log }: RotationServices,
  limits: LogLimits,
  { id, path }: { readonly id: string; readonly path: string },
): Promise<void> {
  const reopen = async () => {
    await cri.runtime.reopenContainerLog({ containerId: id });
  };
  try {
    if (await rotateIfLarge(path, { limits, clock, reopen })) log.debug({ path }, "put a log aside");
  } catch (thrown) {
    log.warn({ err: toPodbusError(thrown), path }, "cannot rotate a log");
  }
}
