import { type CheckedAction, type ExecOutcome, type HttpReply, joinHostPort, timeoutText } from "@podbus/actions";
import { goQuote } from "@podbus/errors";
import type { AttemptResult, ProbeKindName } from "./probe-state.ts";

/** What came of doing a probe's action once. */
export type AttemptOutcome =
  | ExecOutcome
  | ({ readonly kind: "answered" } & HttpReply)
  | { readonly kind: "connected" }
  | { readonly kind: "health"; readonly status: string }
  /** No answer from the container: it counts as a failed attempt. */
  | { readonly kind: "no-answer"; readonly error: string }
  /** The attempt could not be made. */
  | { readonly kind: "errored"; readonly error: string };

export interface Attempt {
  readonly result: AttemptResult;
  /** What the container said; "" for a plain success. */
  readonly output: string;
  /** A success that deserves a look. */
  readonly warning?: true;
}

/** Kubernetes: pkg/probe/{exec,http,tcp,grpc}. */
export function judgeAttempt(action: CheckedAction, outcome: AttemptOutcome): Attempt {
  switch (outcome.kind) {
    case "exited":
      return outcome.exitCode === 0
        ? { result: "Success", output: "" }
        : { result: "Failure", output: `${outcome.stdout}${outcome.stderr}`.slice(0, maxOutput) };
    case "timed-out":
      return { result: "Failure", output: timeoutText(action.kind === "exec" ? action.command : []) };
    case "answered":
      return judgeStatus(outcome);
    case "connected":
      return { result: "Success", output: "" };
    case "health":
      if (outcome.status === "SERVING") return { result: "Success", output: "" };
      return { result: "Failure", output: `service unhealthy (responded with ${goQuote(outcome.status)})` };
    case "no-answer":
      return { result: "Failure", output: outcome.error };
    case "errored":
      return { result: "Unknown", output: outcome.error };
  }
}

/** What an attempt asks, for people. */
export function askedText(action: CheckedAction): string {
  switch (action.kind) {
    case "exec":
      return `command ${goQuote(action.command.join(" "))}`;
    case "httpGet":
      return `GET ${action.scheme}://${joinHostPort(action.host, action.port)}${action.path}`;
    case "tcpSocket":
      return `dial tcp ${joinHostPort(action.host, action.port)}`;
    case "grpc":
      return `gRPC health of ${goQuote(action.service)} at ${joinHostPort(action.host, action.port)}`;
  }
}

const maxOutput = 10 * 1024;

/** The failure text has no body: it would end up in events that more people may read (kubernetes issue 99425). */
function judgeStatus({ status, body }: HttpReply): Attempt {
  if (status >= 200 && status < 300) return { result: "Success", output: "" };
  if (status >= 300 && status < 400) {
    return { result: "Success", output: `Probe terminated redirects, Response body: ${body}`, warning: true };
  }
  return { result: "Failure", output: `HTTP probe failed with statuscode: ${status}` };
}

/** The text of the event about an attempt; "" where there is nothing to tell. Kubernetes: prober/prober.go, probe. */
export function attemptMessage(kind: ProbeKindName, attempt: Attempt): string {
  if (attempt.result === "Failure") return `${kind} probe failed: ${attempt.output}`;
  if (attempt.result === "Unknown") return `${kind} probe errored: ${attempt.output}`;
  return attempt.warning ? `${kind} probe warning: ${attempt.output}` : "";
}
