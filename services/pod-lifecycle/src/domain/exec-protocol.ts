/** Channels of v4.channel.k8s.io: the first byte of every message (apiserver: pkg/util/wsstream). */
export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;

export const execProtocol = "v4.channel.k8s.io";

export interface ExecEnd {
  readonly exitCode: number;
  /** Set where the command could not be run at all. */
  readonly error: string;
}

/** The meaning of the v1 Status on the error channel. apimachinery: remotecommand NonZeroExitCodeReason. */
export function execEnd(statusJson: string): ExecEnd {
  const status = parse(statusJson);
  if (status.status === "Success") return { exitCode: 0, error: "" };
  const cause = status.details?.causes?.find((c) => c.reason === "ExitCode")?.message;
  const exitCode = status.reason === "NonZeroExitCode" ? Number(cause) : Number.NaN;
  if (Number.isInteger(exitCode)) return { exitCode, error: "" };
  return { exitCode: 1, error: status.message || statusJson || "the runtime ended the session without a status" };
}

interface ExecStatus {
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}

function parse(text: string): ExecStatus {
  try {
    return JSON.parse(text) as ExecStatus;
  } catch {
    return {};
  }
}
