import type { ProbeSpec } from "./probe-spec.ts";
import { tickMs } from "./timer-wheel.ts";

/** How far from its own time an attempt may be made once, so that probes that began together do not stay together. */
export interface Room {
  readonly earlierMs: number;
  readonly laterMs: number;
}

const none: Room = { earlierMs: 0, laterMs: 0 };
/** A second is a hundred ticks: room for as many probes as a node has. */
const mostRoomMs = 1_000;

/**
 * The first attempt is made at once. Only a probe that goes on from a success that was known may wait: after a restart all
 * of a node's probes come together. (The kubelet lets each wait for a random part of its period then: prober/worker.go, run.)
 */
export function roomOfFirst({ kind, known, periodMs }: ProbeSpec): Room {
  return kind !== "Startup" && known === "Success" ? { earlierMs: 0, laterMs: half(periodMs) } : none;
}

/**
 * The second attempt moves the probe's phase, once. Readiness never later, since someone waits for its success; liveness never
 * earlier, since its failures kill. Startup, which is both, never.
 */
export function roomOfSecond({ kind, periodMs }: ProbeSpec): Room {
  if (kind === "Startup") return none;
  return kind === "Readiness" ? { earlierMs: half(periodMs), laterMs: 0 } : { earlierMs: 0, laterMs: half(periodMs) };
}

const half = (periodMs: number) => Math.min(periodMs / 2, mostRoomMs);

/** The time nearest to `dueMs` within the room at which the fewest others are due; `dueMs` itself where nobody else is. */
export function leastCrowded(dueMs: number, { earlierMs, laterMs }: Room, crowd: (atMs: number) => number): number {
  const step = laterMs > 0 ? tickMs : -tickMs;
  const steps = Math.floor(Math.max(earlierMs, laterMs) / tickMs);
  let best = { atMs: dueMs, others: crowd(dueMs) };
  for (let count = 1; count <= steps && best.others > 0; count++) {
    const atMs = dueMs + count * step;
    const others = crowd(atMs);
    if (others < best.others) best = { atMs, others };
  }
  return best.atMs;
}

/**
 * The time after `dueMs` at which the probe is due, on its own grid: due + n periods, whatever the attempt took and however late
 * it was woken, so nothing adds up. Where times were missed, the last of them is due at once. (As Go's time.Ticker.)
 */
export function nextDue(dueMs: number, periodMs: number, nowMs: number): number {
  const missed = Math.floor((nowMs - dueMs) / periodMs);
  return dueMs + Math.max(1, missed) * periodMs;
}
