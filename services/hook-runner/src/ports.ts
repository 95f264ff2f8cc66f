import type { ExecCommand, ExecOutcome, HttpReply, HttpRequest, TcpTarget } from "@podbus/actions";

/** How long a hook may take, and the caller that may give up. */
export interface HookLimits {
  /** Infinity where the caller waits for ever. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Does the action of a hook. Throws a PodbusError where it could not be done: UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED, … */
export interface HookActions {
  exec(containerId: string, command: ExecCommand, limits: HookLimits): Promise<ExecOutcome>;
  httpGet(request: HttpRequest, limits: HookLimits): Promise<HttpReply>;
  /** Resolves once the connection is open. */
  tcpSocket(target: TcpTarget, limits: HookLimits): Promise<void>;
}
