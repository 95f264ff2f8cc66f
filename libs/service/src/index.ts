export { readEncryptionConfig } from "./encryption-config.ts";
export {
  advertisedAddress,
  ConfigError,
  commonConfig,
  defaultCriEndpoint,
  durationMs,
  featureGates,
  integer,
  nodeName,
  parseConfig,
  runtimeRequestTimeout,
  unixEndpoint,
} from "./environment.ts";
export { inboxPrefix } from "./inbox-prefix.ts";
export { machineAddress } from "./machine-address.ts";
export { runService } from "./run-service.ts";
export type {
  ClusterServiceDefinition,
  ConfigSchema,
  Environment,
  NodeServiceDefinition,
  ServiceDefinition,
  StatelessServiceDefinition,
} from "./service-definition.ts";
export type { ClusterRuntime, ServiceRuntime } from "./service-runtime.ts";
export { type HostRuntime, startService } from "./start-service.ts";
