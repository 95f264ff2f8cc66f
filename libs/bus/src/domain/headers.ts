/** Every header that the bus reads or writes. */
export const header = {
  /** Request: W3C trace context of the caller. */
  traceparent: "traceparent",
  /** Request: milliseconds that the caller still waits. Relative, because the clocks of two machines differ. */
  timeout: "podbus-timeout",
  /** Request: name of the calling service. */
  caller: "podbus-caller",
  /** Request: wanted interval of heartbeats, both ways, in milliseconds. */
  heartbeatMs: "podbus-heartbeat-ms",
  /** Request: how much of a stream may be under way unread, in bytes. */
  window: "podbus-window",
  /** Reply: the provider still works; no result yet. */
  heartbeat: "podbus-heartbeat",
  /** Reply: the provider's instance, to which control messages go. */
  instance: "podbus-instance",
  /** Reply: number of a stream's message, from 1; its end has one too. */
  sequence: "podbus-seq",
  /** Reply: end of a stream. */
  end: "podbus-end",
  /** Reply: the provider stops and did not finish the call: ask another. */
  gone: "podbus-gone",
  code: "podbus-code",
  reason: "podbus-reason",
  message: "podbus-message",
  retryAfter: "podbus-retry-after",
  retryable: "podbus-retryable",
  /** ADR-32: what generic tools show of an error. */
  serviceError: "Nats-Service-Error",
  serviceErrorCode: "Nats-Service-Error-Code",
  /** Control: "cancel" or "credit". */
  control: "podbus-control",
  /** Control: the call that is meant, named by its reply subject. */
  call: "podbus-call",
  /** Control: bytes that the caller has read so far, since the stream began. */
  consumed: "podbus-consumed",
} as const;

export type HeaderMap = Readonly<Record<string, string>>;

/** A number from a header, forced into a range; what is absent or no number becomes the default. */
export function numberHeader(
  value: string | undefined,
  range: { readonly min: number; readonly max: number; readonly default: number },
): number {
  const number = value === undefined || value === "" ? Number.NaN : Number(value);
  return Number.isNaN(number) ? range.default : Math.min(range.max, Math.max(range.min, number));
}
