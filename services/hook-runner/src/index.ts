import type { NodeServiceDefinition } from "@podbus/service";
import { type HookRunnerConfig, hookRunnerConfig } from "./config.ts";
import { startHookRunner } from "./service.ts";

export { type HookRunnerConfig, hookRunnerConfig, startHookRunner };

export const hookRunner: NodeServiceDefinition<HookRunnerConfig> = {
  name: "hook-runner",
  scope: "node",
  configSchema: hookRunnerConfig,
  start: startHookRunner,
};
