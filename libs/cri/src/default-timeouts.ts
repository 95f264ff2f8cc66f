/** The kubelet's runtimeRequestTimeout (pkg/kubelet/apis/config/v1beta1/defaults.go). */
export const defaultRequestTimeoutMs = 120_000;
/** How much longer we wait than the runtime was told to, before the runtime itself counts as stuck. */
const marginMs = 10_000;

/**
 * How long a call may take when its caller says nothing, in milliseconds; `ordinaryMs` is what a plain one may. As the kubelet
 * (cri-client/pkg/remote_runtime.go): a sandbox twice the ordinary time, a stop its own grace on top, a pull no limit.
 */
export function defaultTimeoutMs(method: string, request: unknown, ordinaryMs = defaultRequestTimeoutMs): number {
  switch (method) {
    case "PullImage":
      return Number.POSITIVE_INFINITY;
    case "RunPodSandbox":
      return 2 * ordinaryMs;
    case "StopContainer":
      return ordinaryMs + ownTimeoutMs(request);
    case "ExecSync": {
      const ownMs = ownTimeoutMs(request);
      return ownMs === 0 ? Number.POSITIVE_INFINITY : ownMs + marginMs;
    }
    default:
      return ordinaryMs;
  }
}

/** The `timeout` field of the two requests that have one, in seconds. */
function ownTimeoutMs(request: unknown): number {
  const timeout = (request as { timeout?: bigint }).timeout ?? 0n;
  return Number(timeout) * 1000;
}
