/**
 * The closed set of failure codes: gRPC's sixteen without OK.
 * https://github.com/grpc/grpc/blob/master/doc/statuscodes.md
 */
export const codes = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

export type Code = (typeof codes)[number];

export function isCode(value: string): value is Code {
  return (codes as readonly string[]).includes(value);
}

export interface PodbusErrorInit {
  readonly code: Code;
  /** A Kubernetes reason ("Conflict", "ErrImagePull", …): what a user or another service may act on. */
  readonly reason?: string;
  readonly message: string;
  /** Whether the same call may succeed later. Default: true for UNAVAILABLE, DEADLINE_EXCEEDED and ABORTED. */
  readonly retryable?: boolean;
  /** When a retry makes sense, in milliseconds from now; for a back-off. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

const retryableCodes: ReadonlySet<Code> = new Set<Code>(["UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED"]);

/** The one error class. It crosses the bus with its code, reason, message and retryAfterMs; the cause stays local. */
export class PodbusError extends Error {
  override readonly name = "PodbusError";
  readonly code: Code;
  readonly reason: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(init: PodbusErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.reason = init.reason ?? "";
    this.retryable = init.retryable ?? retryableCodes.has(init.code);
    this.retryAfterMs = init.retryAfterMs;
  }
}

/** Turns whatever was thrown into a PodbusError: aborts become CANCELLED, anything unknown INTERNAL. */
export function toPodbusError(thrown: unknown): PodbusError {
  if (thrown instanceof PodbusError) return thrown;
  if (thrown instanceof Error) {
    const aborted = thrown.name === "AbortError";
    const timedOut = thrown.name === "TimeoutError";
    const code = aborted ? "CANCELLED" : timedOut ? "DEADLINE_EXCEEDED" : "INTERNAL";
    return new PodbusError({ code, message: thrown.message, cause: thrown });
  }
  return new PodbusError({ code: "INTERNAL", message: String(thrown), cause: thrown });
}
