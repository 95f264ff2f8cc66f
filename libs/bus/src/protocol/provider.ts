import type { DescMethod } from "@bufbuild/protobuf";
import type { Tracer } from "@opentelemetry/api";
import type { Clock } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import type { BusTiming } from "../timing.ts";
import type { OutboundMessage, Transport } from "../transport.ts";
import type { EndpointStats } from "./endpoint-stats.ts";

/** What all calls that one bus serves share. */
export interface ProviderCore {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timing: BusTiming;
  readonly tracer: Tracer | undefined;
  readonly log: Logger | undefined;
  /** Sends now, or once connected again. */
  send(message: OutboundMessage): void;
}

/** One method of a served service. */
export interface ProviderRoute {
  readonly method: DescMethod;
  /** "ImagePuller.EnsureImage", for messages and spans. */
  readonly label: string;
  readonly subject: string;
  /** A watch: no span of its own, and ended at once when its provider stops. */
  readonly openEnded: boolean;
  readonly instance: string;
  readonly stats: EndpointStats;
  readonly handler: (request: unknown, context: unknown) => unknown;
}

/** What a handler threw, as it crosses the bus: an unknown exception shows its message, never its stack. */
export function failureOf(route: ProviderRoute, thrown: unknown): PodbusError {
  const error = toPodbusError(thrown);
  if (error.code !== "INTERNAL" || error === thrown) return error;
  return new PodbusError({ code: "INTERNAL", message: `${route.label} failed: ${error.message}`, cause: thrown });
}
