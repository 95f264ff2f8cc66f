import {
  defaultCriEndpoint,
  durationMs,
  featureGates,
  nodeName,
  runtimeRequestTimeout,
  unixEndpoint,
} from "@podbus/service";
import { z } from "zod";
import { checkCredentialPlugins, credentialPluginsOf, credentialPluginVariables } from "./credential-plugin-config.ts";
import { checkImageAccess, imageAccessOf, imageAccessVariables } from "./image-access-config.ts";
import { checkImageGc, imageGcOf, imageGcVariables } from "./image-gc-config.ts";
import { checkPullQueue, pullQueueOf, pullQueueVariables } from "./pull-queue-config.ts";

/** Environment → configuration of image-puller. */
export const imagePullerConfig = z
  .object({
    PODBUS_NODE_NAME: nodeName,
    PODBUS_CRI_ENDPOINT: unixEndpoint.default(defaultCriEndpoint),
    PODBUS_RUNTIME_REQUEST_TIMEOUT: runtimeRequestTimeout,
    PODBUS_IMAGE_PULL_TIMEOUT: durationMs.default(600_000),
    ...pullQueueVariables,
    ...imageGcVariables,
    ...imageAccessVariables,
    ...credentialPluginVariables,
    PODBUS_FEATURE_GATES: featureGates({ RuntimeClassInImageCriApi: false }),
  })
  .superRefine(checkPullQueue)
  .superRefine(checkImageGc)
  .superRefine(checkImageAccess)
  .superRefine(checkCredentialPlugins)
  .transform((env) => ({
    nodeName: env.PODBUS_NODE_NAME,
    criEndpoint: env.PODBUS_CRI_ENDPOINT,
    criTimeoutMs: env.PODBUS_RUNTIME_REQUEST_TIMEOUT,
    perRuntimeHandler: env.PODBUS_FEATURE_GATES.RuntimeClassInImageCriApi,
    pullTimeoutMs: env.PODBUS_IMAGE_PULL_TIMEOUT,
    queue: pullQueueOf(env),
    imageGc: imageGcOf(env),
    imageAccess: imageAccessOf(env),
    credentialPlugins: credentialPluginsOf(env),
  }));

export type ImagePullerConfig = z.output<typeof imagePullerConfig>;
