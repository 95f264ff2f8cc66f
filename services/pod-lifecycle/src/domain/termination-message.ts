import type { ContainerState, ContainerStatus, Pod, PodStatus } from "@podbus/kube";

/** Kubernetes: MaxContainerTerminationMessageLength, …LogLength, …LogLines (pkg/kubelet/container/runtime.go). */
export const maxMessageBytes = 4096;
export const maxLogBytes = 2048;
export const maxLogLines = 80;
/** MaxPodTerminationMessageLogLength: of all containers of a pod together. */
const maxPodMessageBytes = 12 * 1024;

/** The last 4 KiB of what a container left in its termination message file (pkg/util/tail ReadAtMost). */
export function clipMessage(content: Uint8Array): string {
  return endOf(Buffer.from(content), maxMessageBytes);
}

/** The end of a log, for FallbackToLogsOnError: at most 80 lines and 2 KiB. */
export function logTail(lines: readonly string[]): string {
  const text = lines.slice(-maxLogLines).join("");
  return endOf(Buffer.from(text), maxLogBytes);
}

type Statuses = Pick<PodStatus, "initContainerStatuses" | "containerStatuses" | "ephemeralContainerStatuses">;

/**
 * No message is longer than its container's share of 12 KiB, which all of the pod's containers have in equal parts; the
 * start is kept. kubelet: normalizeStatus (pkg/kubelet/status/status_manager.go).
 */
export function shareMessages<S extends Statuses>({ spec }: Pod, status: S): S {
  const containers = [spec.containers, spec.initContainers ?? [], spec.ephemeralContainers ?? []].flat();
  const share = Math.floor(maxPodMessageBytes / Math.max(containers.length, 1));
  const limited = (statuses: readonly ContainerStatus[]) =>
    statuses.map((each) => ({
      ...each,
      ...(each.state ? { state: limitedState(each.state, share) } : {}),
      ...(each.lastState ? { lastState: limitedState(each.lastState, share) } : {}),
    }));
  const { initContainerStatuses: init, containerStatuses: app, ephemeralContainerStatuses: ephemeral } = status;
  return {
    ...status,
    ...(init ? { initContainerStatuses: limited(init) } : {}),
    ...(app ? { containerStatuses: limited(app) } : {}),
    ...(ephemeral ? { ephemeralContainerStatuses: limited(ephemeral) } : {}),
  };
}

function limitedState(state: ContainerState, bytes: number): ContainerState {
  const message = state.terminated?.message;
  if (!state.terminated || !message) return state;
  return { ...state, terminated: { ...state.terminated, message: startOf(message, bytes) } };
}

/** Whether a byte of UTF-8 is inside a character: there no text may be cut. */
const isInside = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function startOf(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  let end = Math.min(bytes, encoded.length);
  while (end > 0 && isInside(encoded[end])) end -= 1;
  return encoded.subarray(0, end).toString();
}

function endOf(encoded: Buffer, bytes: number): string {
  let start = Math.max(encoded.length - bytes, 0);
  // Bytes that are no text at all are left as they are.
  for (let skipped = 0; start > 0 && skipped < 3 && isInside(encoded[start]); skipped += 1) start += 1;
  return encoded.subarray(start).toString();
}
