import type { ClusterServiceDefinition } from "@podbus/service";
import { type EvictionConfig, evictionConfig } from "./config.ts";
import { startEviction } from "./service.ts";

export { type EvictionConfig, evictionConfig } from "./config.ts";
export { startEviction } from "./service.ts";

export const eviction: ClusterServiceDefinition<EvictionConfig> = {
  name: "eviction",
  scope: "cluster",
  configSchema: evictionConfig,
  start: (runtime) => startEviction(runtime),
};
