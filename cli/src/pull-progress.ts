import type { PullProgress } from "@podbus/contracts";

/** How far a pull is, for a person: "40% (41.9 MB of 104.9 MB)". */
export function pullProgressText(progress: PullProgress | undefined): string {
  if (!progress) return "unknown";
  const { queuePosition, bytesDone, bytesTotal } = progress;
  if (queuePosition > 0) return `position ${queuePosition} in the queue`;
  // A pull that has just begun, an unpacking runtime that downloads nothing, or one that tells nothing.
  if (bytesTotal === 0n) return "unknown";
  return `${(bytesDone * 100n) / bytesTotal}% (${megabytes(bytesDone)} of ${megabytes(bytesTotal)})`;
}

/** Decimal, as registries and Kubernetes' events count. */
const megabytes = (bytes: bigint) => `${(Number(bytes) / 1e6).toFixed(1)} MB`;
