import type { ObservedContainer } from "./observed-pod.ts";

/** kubelet: MaxContainerBackOff and the 10 s base of its back-off (pkg/kubelet/kubelet.go). */
const initialMs = 10_000;
const maxMs = 300_000;
/** flowcontrol.Backoff forgets an entry after twice its maximum. */
const resetAfterMs = 2 * maxMs;

/**
 * When a container whose newest run is `last` may run again, on the steady clock. The first restart is
 * immediate; the delay of the later ones is written on each run when it is created, so that it survives
 * every restart of this service.
 */
export function restartAtMs(last: ObservedContainer): number {
  return last.endedSteadyMs + (ranLong(last) ? 0 : last.backOffMs);
}

/** The delay to write on the run that follows `last`: 0 → 10 s → 20 s → … → 300 s. */
export function nextBackOffMs(last: ObservedContainer | undefined): number {
  if (!last) return 0;
  if (last.backOffMs === 0 || ranLong(last)) return initialMs;
  return Math.min(last.backOffMs * 2, maxMs);
}

function ranLong(run: ObservedContainer): boolean {
  return run.startedAtMs > 0 && run.finishedAtMs - run.startedAtMs > resetAfterMs;
}

/** "10s", "1m20s", "5m0s": Go's Duration as the kubelet prints it in CrashLoopBackOff messages. */
export function formatGoDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
