import { isIP } from "node:net";
import { defaultCriEndpoint, integer, nodeName, unixEndpoint } from "@podbus/service";
import { z } from "zod";

const directory = z.string().regex(/^\/./, "must be an absolute path");

/** Keys are environment variables. */
export const podLifecycleConfig = z
  .object({
    PODBUS_NODE_NAME: nodeName,
    PODBUS_CRI_ENDPOINT: unixEndpoint.default(defaultCriEndpoint),
    PODBUS_STATE_DIR: directory.default("/var/lib/podbus"),
    PODBUS_RUN_DIR: directory.default("/run/podbus"),
    PODBUS_NODE_IP: z
      .string()
      .refine((text) => isIP(text) !== 0, "must be an IP address")
      .optional(),
    PODBUS_MAX_PODS: integer({ min: 1, max: 10_000 }).default(110),
    PODBUS_CGROUP_ROOT: directory.default("/kubepods"),
  })
  .transform((env) => ({
    nodeName: env.PODBUS_NODE_NAME,
    criEndpoint: env.PODBUS_CRI_ENDPOINT,
    stateDir: env.PODBUS_STATE_DIR,
    runDir: env.PODBUS_RUN_DIR,
    nodeIp: env.PODBUS_NODE_IP,
    maxPods: env.PODBUS_MAX_PODS,
    cgroupRoot: env.PODBUS_CGROUP_ROOT,
  }));

export type PodLifecycleConfig = z.output<typeof podLifecycleConfig>;
