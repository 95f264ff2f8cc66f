import type { ObjectStore } from "@podbus/store";
import { parseConfig } from "./environment.ts";
import type { Environment, ServiceDefinition } from "./service-definition.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** What a host has to offer; a store only where it hosts cluster services. */
export interface HostRuntime extends ServiceRuntime {
  readonly store?: ObjectStore;
}

/**
 * Reads the service's configuration from `env` and starts it. Throws ConfigError where the environment makes no sense,
 * before anything was started. Only a cluster service is handed the store, even where its host has one.
 */
export async function startService<C>(
  definition: ServiceDefinition<C>,
  host: HostRuntime,
  env: Environment,
): Promise<AsyncDisposable> {
  const config = parseConfig(definition.name, definition.configSchema, env);
  const { store, ...runtime } = host;
  if (definition.scope !== "cluster") return definition.start(runtime, config);
  if (!store) throw new TypeError(`${definition.name} is a cluster service: its host must have a store`);
  return definition.start({ ...runtime, store }, config);
}
