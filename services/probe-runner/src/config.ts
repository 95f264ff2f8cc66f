import { defaultCriEndpoint, nodeName, unixEndpoint } from "@podbus/service";
import { z } from "zod";

/** Environment → configuration of probe-runner. */
export const probeRunnerConfig = z
  .object({
    PODBUS_NODE_NAME: nodeName,
    PODBUS_CRI_ENDPOINT: unixEndpoint.default(defaultCriEndpoint),
    PODBUS_METADATA_ADDRESSES: z.enum(["allowed", "refused"]).default("refused"),
  })
  .transform((env) => ({
    nodeName: env.PODBUS_NODE_NAME,
    criEndpoint: env.PODBUS_CRI_ENDPOINT,
    metadata: env.PODBUS_METADATA_ADDRESSES,
  }));

export type ProbeRunnerConfig = z.output<typeof probeRunnerConfig>;
