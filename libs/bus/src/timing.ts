/** Bounds of the protocol; the defaults suit everything but tests. */
export interface BusTiming {
  /** Both sides of a call show that they live this often; three missed ones mean that the other is dead. */
  readonly heartbeatMs: number;
  /** A unary call without a timeout. */
  readonly callTimeoutMs: number;
  /** A stream without a timeout fails when no provider took it for so long. */
  readonly openTimeoutMs: number;
  /** How long closing waits for running handlers. */
  readonly drainMs: number;
  /** Bytes of a stream that may be under way unread. */
  readonly windowBytes: number;
}

export const defaultTiming: BusTiming = {
  heartbeatMs: 2_000,
  callTimeoutMs: 10_000,
  openTimeoutMs: 10_000,
  drainMs: 5_000,
  windowBytes: 512 * 1024,
};

/** Missed heartbeats until the other side counts as dead. */
export const toleratedSilence = 3;

/** What a message costs of the window besides its bytes, so that many empty ones are bounded too. */
const messageOverheadBytes = 256;

export function costOf(data: Uint8Array): number {
  return data.length + messageOverheadBytes;
}
