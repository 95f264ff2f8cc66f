import type { NodeServiceDefinition } from "@podbus/service";
import { type ProbeRunnerConfig, probeRunnerConfig } from "./config.ts";
import { startProbeRunner } from "./service.ts";

export { type ProbeRunnerConfig, probeRunnerConfig, startProbeRunner };

export const probeRunner: NodeServiceDefinition<ProbeRunnerConfig> = {
  name: "probe-runner",
  scope: "node",
  configSchema: probeRunnerConfig,
  start: startProbeRunner,
};
