/** Kubernetes: MaxContainerTerminationMessageLength, …LogLength, …LogLines (pkg/kubelet/container/runtime.go). */
export const maxMessageBytes = 4096;
export const maxLogBytes = 2048;
export const maxLogLines = 80;

/** The first 4 KiB of what a container left in its termination message file. */
export function clipMessage(content: Uint8Array): string {
  return Buffer.from(content).subarray(0, maxMessageBytes).toString();
}

/** The end of a log, for FallbackToLogsOnError: at most 80 lines and 2 KiB. */
export function logTail(lines: readonly string[]): string {
  const text = lines.slice(-maxLogLines).join("");
  return Buffer.from(text).subarray(-maxLogBytes).toString();
}
