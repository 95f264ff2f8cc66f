import type { Clock } from "@podbus/clock";
import type { RuntimeClient } from "@podbus/cri";
import { PodbusError } from "@podbus/errors";
import { cancelled } from "./dial-tcp.ts";

export interface ExecOptions {
  readonly containerId: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

export type ExecOutcome =
  | { readonly kind: "exited"; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "timed-out" };

/** Kubernetes: pkg/probe/exec/exec.go, maxReadLength. */
export const maxOutputBytes = 10 * 1024;

/** After the runtime has killed the command, for it to say so. */
const runtimeGraceMs = 2_000;

/**
 * Runs a command in a running container. The runtime is told to kill it when its time is over; as it would then still wait
 * for whoever holds the command's output (a child left in the background), we do not wait for the runtime.
 * Throws what the runtime failed with; CANCELLED at the signal. The call to the runtime is then left to end by itself:
 * cancelling it would keep containerd from killing the command.
 */
export async function execInContainer(
  runtime: Pick<RuntimeClient, "execSync">,
  { containerId, command, timeoutMs, signal, clock }: ExecOptions,
): Promise<ExecOutcome> {
  signal.throwIfAborted();
  const bounded = Number.isFinite(timeoutMs);
  // CRI counts in whole seconds; 0 is no limit.
  const seconds = bounded ? Math.max(1, Math.ceil(timeoutMs / 1_000)) : 0;
  const answer = runtime.execSync(
    { containerId, cmd: [...command], timeout: BigInt(seconds) },
    { timeoutMs: bounded ? seconds * 1_000 + runtimeGraceMs : Number.POSITIVE_INFINITY },
  );
  return new Promise((resolve, reject) => {
    const onAbort = () => end(() => reject(cancelled(signal)));
    const stopTimer = bounded ? clock.after(timeoutMs, () => end(() => resolve({ kind: "timed-out" }))) : () => {};
    // Settling a second time does nothing: a late answer is nobody's any more.
    const end = (settle: () => void) => {
      stopTimer();
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    answer.then(
      ({ exitCode, stdout, stderr }) =>
        end(() => resolve({ kind: "exited", exitCode, stdout: decoded(stdout), stderr: decoded(stderr) })),
      (error: unknown) =>
        end(() => {
          if (error instanceof PodbusError && error.code === "DEADLINE_EXCEEDED") resolve({ kind: "timed-out" });
          else reject(error);
        }),
    );
  });
}

/** Kubernetes: cri-client remote_runtime.go, ExecSync. */
export function exitText(command: readonly string[], exitCode: number, stderr: string): string {
  return `command '${command.join(" ")}' exited with ${exitCode}: ${stderr}`;
}

/** Kubernetes: the same place, for a command that was killed at its timeout. */
export function timeoutText(command: readonly string[]): string {
  return `command "${command.join(" ")}" timed out`;
}

function decoded(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, maxOutputBytes)).toString("utf8");
}
