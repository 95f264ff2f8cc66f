import type { Clock } from "@podbus/clock";
import { PodbusError } from "@podbus/errors";
import { traceparentOf } from "@podbus/telemetry";
import { type HeaderMap, header } from "../domain/headers.ts";
import type { BusTiming } from "../timing.ts";
import type { InboundMessage, OutboundMessage, Transport } from "../transport.ts";
import { noResponders } from "../transport.ts";
import type { Inbox } from "./inbox.ts";

/** A call that waits for its provider; the bus tells it what happens to the connection. */
export interface CallInFlight {
  readonly subject: string;
  onConnected(): void;
  onDisconnected(): void;
  /** Ends the call now, with this error. */
  fail(error: PodbusError): void;
}

/** What all calls of one bus share. */
export interface CallerCore {
  readonly name: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timing: BusTiming;
  readonly inbox: Inbox;
  readonly inFlight: Set<CallInFlight>;
}

/** One method at one place. */
export interface CallRoute {
  /** "ImagePuller.EnsureImage", for messages and spans. */
  readonly label: string;
  readonly subject: string;
  control(instance: string): string;
}

const firstRetryMs = 10;
const longestRetryMs = 250;

/** The wait before a try, when nobody served the subject at the last one. Short: a provider that restarts is back soon. */
export function retryDelayMs(failures: number): number {
  return Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures, 10));
}

/** Room for headers in a message, so that its size is known before they are. */
const headerAllowanceBytes = 1_024;

export function tooLarge(transport: Transport, data: Uint8Array, label: string): PodbusError | undefined {
  const limit = transport.maxPayloadBytes - headerAllowanceBytes;
  if (data.length <= limit) return undefined;
  const message = `${label}: a message of ${data.length} bytes is larger than the bus carries (${limit})`;
  return new PodbusError({ code: "RESOURCE_EXHAUSTED", reason: "RequestEntityTooLarge", message });
}

/** Taken when a call is made, since the caller's active span may be another one at a later try. */
export function requestHeaders(core: CallerCore): HeaderMap {
  const traceparent = traceparentOf();
  return {
    ...(traceparent === undefined ? {} : { [header.traceparent]: traceparent }),
    [header.caller]: core.name,
    [header.heartbeatMs]: String(core.timing.heartbeatMs),
  };
}

/** The message says that nobody took the call. */
export function isUntaken(message: InboundMessage): boolean {
  return message.status === noResponders || header.gone in message.headers;
}

export function cancelMessage(route: CallRoute, instance: string, call: string): OutboundMessage {
  const headers = { [header.control]: "cancel", [header.call]: call };
  return { subject: route.control(instance), data: new Uint8Array(), headers };
}

export function cancelledByCaller(route: CallRoute, signal: AbortSignal): PodbusError {
  return new PodbusError({
    code: "CANCELLED",
    message: `${route.label}: cancelled by its caller`,
    cause: signal.reason,
  });
}

export function unavailable(route: CallRoute, message: string): PodbusError {
  return new PodbusError({ code: "UNAVAILABLE", message: `${route.label}: ${message}` });
}

export function deadlineExceeded(route: CallRoute, timeoutMs: number): PodbusError {
  return new PodbusError({ code: "DEADLINE_EXCEEDED", message: `${route.label}: no answer within ${timeoutMs} ms` });
}
