/**
 * The framing of Kubernetes' remote command protocol over WebSocket: the first byte of each binary message names
 * the channel (apimachinery/pkg/util/remotecommand/constants.go; KEP-4006).
 */
export const execProtocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;
export type ExecProtocol = (typeof execProtocols)[number];

export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

export type ExecInput =
  | { readonly kind: "stdin"; readonly data: Uint8Array }
  | { readonly kind: "resize"; readonly width: number; readonly height: number }
  | { readonly kind: "end" }
  | { readonly kind: "ignored" };

/** The best protocol that both sides speak. */
export function chooseExecProtocol(offered: Iterable<string>): ExecProtocol | undefined {
  const names = new Set(offered);
  return execProtocols.find((protocol) => names.has(protocol));
}

export function frame(channel: number, data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(data.length + 1);
  framed[0] = channel;
  framed.set(data, 1);
  return framed;
}

/** What a message from the client means. v5 half-closes a stream with channel 255 and the stream's number. */
export function parseExecInput(protocol: ExecProtocol, message: Uint8Array): ExecInput {
  const data = message.subarray(1);
  switch (message[0]) {
    case channels.stdin:
      return data.length === 0 ? { kind: "ignored" } : { kind: "stdin", data };
    case channels.resize:
      return parseResize(data);
    case channels.close:
      return protocol === "v5.channel.k8s.io" && data[0] === channels.stdin ? { kind: "end" } : { kind: "ignored" };
    default:
      return { kind: "ignored" };
  }
}

function parseResize(data: Uint8Array): ExecInput {
  try {
    const size: unknown = JSON.parse(Buffer.from(data).toString("utf8"));
    const { Width: width, Height: height } = size as { Width?: unknown; Height?: unknown };
    if (!isDimension(width) || !isDimension(height)) return { kind: "ignored" };
    return { kind: "resize", width, height };
  } catch {
    // A malformed size is no reason to end a session; kube-apiserver drops it too.
    return { kind: "ignored" };
  }
}

function isDimension(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 0xffff;
}

/** What goes to the error channel at the end: kubectl exits with this code (kubelet/pkg/cri/streaming/remotecommand/exec.go). */
export function exitStatus(exitCode: number, error: string): object {
  if (error !== "") {
    return {
      metadata: {},
      status: "Failure",
      message: `Internal error occurred: ${error}`,
      reason: "InternalError",
      details: { causes: [{ message: error }] },
      code: 500,
    };
  }
  if (exitCode === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  };
}
