import type { NodeServiceDefinition } from "@podbus/service";
import { type PodLifecycleConfig, podLifecycleConfig } from "./config.ts";
import { startPodLifecycle } from "./service.ts";

export { type PodLifecycleConfig, podLifecycleConfig, startPodLifecycle };

export const podLifecycle: NodeServiceDefinition<PodLifecycleConfig> = {
  name: "pod-lifecycle",
  scope: "node",
  startsWithoutBus: true,
  configSchema: podLifecycleConfig,
  start: startPodLifecycle,
};
