import { defaultCriEndpoint, nodeName, unixEndpoint } from "@podbus/service";
import { z } from "zod";

/** Environment → configuration of hook-runner. */
export const hookRunnerConfig = z
  .object({
    PODBUS_NODE_NAME: nodeName,
    PODBUS_CRI_ENDPOINT: unixEndpoint.default(defaultCriEndpoint),
  })
  .transform((env) => ({ nodeName: env.PODBUS_NODE_NAME, criEndpoint: env.PODBUS_CRI_ENDPOINT }));

export type HookRunnerConfig = z.output<typeof hookRunnerConfig>;
