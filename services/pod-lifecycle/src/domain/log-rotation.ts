/** How much of a container's log is kept. */
export interface LogLimits {
  /** A file that is larger is put aside. */
  readonly maxBytes: number;
  /** Files of one run in all, the one that is written to included; 2 at least. */
  readonly maxFiles: number;
}

/** What is to be done with the files of one run's log, in this order. */
export interface RotationPlan {
  readonly remove: readonly string[];
  readonly compress: readonly string[];
  /** What the current file is to be called; undefined if it is small enough. */
  readonly putAsideAs: string | undefined;
}

/** Left by a compression that did not come to its end. */
export const unfinishedSuffix = ".tmp";
export const compressedSuffix = ".gz";

/**
 * A log `0.log` is put aside as `0.log.20260101-120000`; when the next one is, that one is compressed. The newest one
 * that was put aside stays as it is, for those who still read or ship it. kubelet: pkg/kubelet/logs/container_log_manager.go.
 * `names`: all files in the directory; `log`: the current one's.
 */
export function planRotation(
  log: string,
  { names, bytes, nowMs }: { readonly names: readonly string[]; readonly bytes: number; readonly nowMs: number },
  { maxBytes, maxFiles }: LogLimits,
): RotationPlan {
  if (bytes <= maxBytes) return { remove: [], compress: [], putAsideAs: undefined };
  const putAside = rotatedLogs(log, names);
  // The current file becomes one of them, and a new one is begun.
  const kept = putAside.slice(Math.max(0, putAside.length - (maxFiles - 2)));
  const keep = new Set(maxFiles > 2 ? kept : []);
  const gone = putAside.filter((name) => !keep.has(name));
  const unfinished = names.filter((name) => name.startsWith(`${log}.`) && name.endsWith(unfinishedSuffix));
  return {
    remove: [...unfinished, ...gone],
    compress: [...keep].filter((name) => !name.endsWith(compressedSuffix)),
    putAsideAs: `${log}.${timestamp(nowMs)}`,
  };
}

const rotatedName = /^\.\d{8}-\d{6}(\.gz)?$/;

/** Those that were put aside, the oldest first. */
export function rotatedLogs(log: string, names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith(log) && rotatedName.test(name.slice(log.length))).toSorted();
}

/** Go's 20060102-150405, in UTC. */
function timestamp(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace(/\.\d+Z$/, "")
    .replaceAll(/[-:]/g, "")
    .replace("T", "-");
}
