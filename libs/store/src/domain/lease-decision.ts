/*
 * Leader election on a Lease object, after client-go tools/leaderelection: a holder that has not renewed for the
 * lease's duration, by the watch of whoever waits, has lost it. Clocks of different machines are never compared.
 */

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** A Lease as last seen: which revision, and since when on our own monotonic clock. */
export interface ObservedLease {
  readonly spec: LeaseSpec;
  readonly revision: number;
  readonly sinceMs: number;
}

export type LeaseDecision =
  | { readonly kind: "create" }
  | { readonly kind: "take"; readonly revision: number }
  | { readonly kind: "wait"; readonly forMs: number };

export function decideLease(
  observed: ObservedLease | undefined,
  own: { readonly identity: string; readonly durationMs: number; readonly nowMs: number },
): LeaseDecision {
  if (!observed) return { kind: "create" };
  const { holderIdentity, leaseDurationSeconds } = observed.spec;
  const free = !holderIdentity || holderIdentity === own.identity;
  if (free) return { kind: "take", revision: observed.revision };
  const durationMs = leaseDurationSeconds === undefined ? own.durationMs : leaseDurationSeconds * 1000;
  const forMs = observed.sinceMs + durationMs - own.nowMs;
  return forMs > 0 ? { kind: "wait", forMs } : { kind: "take", revision: observed.revision };
}

/** The spec of a Lease that `identity` takes or renews at `now` (wall clock). */
export function heldBy(previous: LeaseSpec | undefined, identity: string, durationMs: number, now: number): LeaseSpec {
  const renewTime = microTime(now);
  const same = previous?.holderIdentity === identity;
  const transitions = previous?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
    acquireTime: same && previous?.acquireTime !== undefined ? previous.acquireTime : renewTime,
    renewTime,
    leaseTransitions: previous === undefined || same ? transitions : transitions + 1,
  };
}

/** The spec that lets the next one take the lease at once. */
export function released(previous: LeaseSpec, now: number): LeaseSpec {
  return { ...previous, holderIdentity: "", leaseDurationSeconds: 1, renewTime: microTime(now) };
}

/** Kubernetes' MicroTime: RFC 3339 with six decimals. */
function microTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace("Z", "000Z");
}
