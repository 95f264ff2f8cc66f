import { defaultCriEndpoint, nodeName, unixEndpoint } from "@podbus/service";
import { z } from "zod";

/** Environment → configuration of probe-runner. */
export const probeRunnerConfig = z
  .object({
    PODBUS_NODE_NAME: nodeName,
    PODBUS_CRI_ENDPOINT: unixEndpoint.default(defaultCriEndpoint),
  })
  .transform((env) => ({ nodeName: env.PODBUS_NODE_NAME, criEndpoint: env.PODBUS_CRI_ENDPOINT }));

export type ProbeRunnerConfig = z.output<typeof probeRunnerConfig>;
