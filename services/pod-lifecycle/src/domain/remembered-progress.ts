import type { Pod } from "@podbus/kube";
import type { PostStartResult, Verdicts } from "./pod-inputs.ts";
import { storedStatuses } from "./stored-statuses.ts";

export interface RememberedProgress {
  readonly postStart: ReadonlyMap<string, PostStartResult>;
  readonly verdicts: ReadonlyMap<string, Verdicts>;
}

/**
 * What the stored status still tells after a restart of this service: a container that was reported running has had
 * its postStart hook, and its probes go on from what they last said, so that Ready does not flip. A container that
 * was never reported running gets its hook again: at least once.
 */
export function rememberedProgress(pod: Pod): RememberedProgress {
  const running = storedStatuses(pod).filter((s) => s.state?.running && s.containerID);
  const id = (containerId: string | undefined) => containerId?.replace(/^[a-z-]+:\/\//, "") ?? "";
  return {
    postStart: new Map(running.map((s) => [id(s.containerID), "succeeded"] as const)),
    verdicts: new Map(running.map((s) => [id(s.containerID), knownVerdicts(s.started ?? false, s.ready)] as const)),
  };
}

function knownVerdicts(started: boolean, ready: boolean): Verdicts {
  // Before it has started nothing is known of the other probes, and "not started" is no verdict against it.
  return started ? { startup: true, readiness: ready } : {};
}
