import {
  type CheckedAction,
  type ExecCommand,
  type ExecOutcome,
  exitText,
  type GrpcTarget,
  type HttpReply,
  joinHostPort,
  timeoutText,
} from "@podbus/actions";
import { goQuote } from "@podbus/errors";

/** Whose hook it is: what Kubernetes' messages name. */
export interface HookOwner {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly containerName: string;
}

/** What a hook may do: gRPC is for probes. */
export type HookAction = Exclude<CheckedAction, GrpcTarget>;

/** What came of a hook's action. */
export type HookOutcome =
  | ExecOutcome
  | ({ readonly kind: "answered" } & HttpReply)
  | { readonly kind: "connected" }
  /** It could not be done: no such command, no connection, out of time. */
  | { readonly kind: "failed"; readonly error: string };

export interface HookResult {
  readonly succeeded: boolean;
  readonly message: string;
  readonly output: string;
  readonly exitCode: number;
}

const maxOutput = 10 * 1024;
/** The message is an event's, of 1 KiB: a long script or many complaints must leave room for exit code and output. */
const maxCommand = 128;
const maxStderr = 256;
const maxQuoted = 1024;

/**
 * The verdict over a hook, in the kubelet's words (pkg/kubelet/lifecycle/handlers.go). Unlike the kubelet, which takes any
 * HTTP answer for a success, a status from 400 on is a failure: the contract says so. It has no words for tcpSocket, which it
 * does not run; ours are like those for HTTP.
 */
export function judgeHook(owner: HookOwner, action: HookAction, outcome: HookOutcome): HookResult {
  const error = errorOf(action, outcome);
  const { output, exitCode } = printed(outcome);
  if (error === undefined) return { succeeded: true, message: "", output, exitCode };
  return { succeeded: false, message: failureText(owner, action, error, output), output, exitCode };
}

/** For a handler that lifecycle hooks do not have. */
export function refuseHook(action: GrpcTarget): HookResult {
  const message = `Cannot run handler: ${action.kind} is not supported for lifecycle hooks`;
  return { succeeded: false, message, output: "", exitCode: 0 };
}

function errorOf(action: HookAction, outcome: HookOutcome): string | undefined {
  const command = action.kind === "exec" ? [shortCommand(action)] : [];
  switch (outcome.kind) {
    case "exited":
      return outcome.exitCode === 0
        ? undefined
        : exitText(command, outcome.exitCode, shortened(outcome.stderr, maxStderr));
    case "timed-out":
      return timeoutText(command);
    case "answered":
      return outcome.status < 400 ? undefined : `HTTP hook failed with statuscode: ${outcome.status}`;
    case "connected":
      return undefined;
    case "failed":
      return outcome.error;
  }
}

function printed(outcome: HookOutcome): { output: string; exitCode: number } {
  if (outcome.kind !== "exited") return { output: "", exitCode: 0 };
  return { output: `${outcome.stdout}${outcome.stderr}`.slice(0, maxOutput), exitCode: outcome.exitCode };
}

function failureText(owner: HookOwner, action: HookAction, error: string, output: string): string {
  const pod = `${owner.podName}_${owner.namespace}(${owner.podUid})`;
  const whose = `for Container ${goQuote(owner.containerName)} in Pod ${goQuote(pod)} failed - error: ${error}`;
  if (action.kind === "exec")
    return `Exec lifecycle hook ([${shortCommand(action)}]) ${whose}, message: ${goQuote(output.slice(0, maxQuoted))}`;
  if (action.kind === "tcpSocket") return `TCP lifecycle hook (${joinHostPort(action.host, action.port)}) ${whose}`;
  return `HTTP lifecycle hook (${action.path}) ${whose}`;
}

function shortCommand({ command }: ExecCommand): string {
  return shortened(command.join(" "), maxCommand);
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/**
 * How long a hook may take for its answer to arrive before the caller has stopped waiting: a failed hook tells more than a
 * call that timed out.
 */
export function hookBudgetMs(remainingMs: number): number {
  return remainingMs - Math.min(200, remainingMs / 10);
}
