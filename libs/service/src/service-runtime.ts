import type { Meter, Tracer } from "@opentelemetry/api";
import type { Bus } from "@podbus/bus";
import type { Clock } from "@podbus/clock";
import type { ObjectStore } from "@podbus/store";
import type { Logger } from "@podbus/telemetry";

/** What every service is started with. One process may host several services, each with its own. */
export interface ServiceRuntime {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tracer: Tracer;
  /** Absent where nobody wants to know. */
  readonly meter?: Meter;
}

/** Cluster services also hold the store; a node never does. */
export interface ClusterRuntime extends ServiceRuntime {
  readonly store: ObjectStore;
}
