/** Of the pod's age nothing is known here; only of the token. Times are of a clock that never jumps. */
export interface MadeToken {
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
}

const dayMs = 24 * 60 * 60_000;
const usableShare = 0.8;

/** kubelet: requiresRefresh (pkg/kubelet/token/token_manager.go): at four fifths of its life, and after a day. */
export function refreshAtMs({ madeAtMs, expiresAtMs }: MadeToken): number {
  return Math.min(madeAtMs + (expiresAtMs - madeAtMs) * usableShare, madeAtMs + dayMs);
}
