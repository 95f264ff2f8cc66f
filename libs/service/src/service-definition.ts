import type { z } from "zod";
import type { ClusterRuntime, ServiceRuntime } from "./service-runtime.ts";

/** Environment variables; one that is empty counts as absent. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Turns the environment into the service's configuration; keys of the schema's input are variable names. */
export type ConfigSchema<C> = z.ZodType<C>;

interface CommonDefinition<C> {
  /** The service's token on the bus and in telemetry: "image-puller". */
  readonly name: string;
  readonly configSchema: ConfigSchema<C>;
}

/** A service of one node: speaks on subjects that contain the node's name and never holds the store. */
export interface NodeServiceDefinition<C> extends CommonDefinition<C> {
  readonly scope: "node";
  /** It is given a bus that may come later (`lateBus`), since part of its work needs none. */
  readonly startsWithoutBus?: boolean;
  /** Resolves once the service answers on the bus; disposing ends its work and its answers. */
  start(runtime: ServiceRuntime, config: C): Promise<AsyncDisposable>;
}

/** A service of the whole cluster, in any number of replicas. */
export interface ClusterServiceDefinition<C> extends CommonDefinition<C> {
  readonly scope: "cluster";
  start(runtime: ClusterRuntime, config: C): Promise<AsyncDisposable>;
}

/** A service of the whole cluster that holds no objects, and so has no store (trace-explorer). */
export interface StatelessServiceDefinition<C> extends CommonDefinition<C> {
  readonly scope: "stateless";
  start(runtime: ServiceRuntime, config: C): Promise<AsyncDisposable>;
}

/**
 * All that a host needs to run a service: alone (`runService`) or with others in one process (`startService`).
 * A list of services of different configurations has the type `ServiceDefinition[]`.
 */
export type ServiceDefinition<C = unknown> =
  | NodeServiceDefinition<C>
  | ClusterServiceDefinition<C>
  | StatelessServiceDefinition<C>;
