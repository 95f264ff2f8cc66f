import { defaultCriEndpoint, durationMs, featureGates, integer, nodeName, unixEndpoint } from "@podbus/service";
import { z } from "zod";
import { checkCredentialPlugins, credentialPluginsOf, credentialPluginVariables } from "./credential-plugin-config.ts";
import { checkImageAccess, imageAccessOf, imageAccessVariables } from "./image-access-config.ts";
import { checkImageGc, imageGcOf, imageGcVariables } from "./image-gc-config.ts";
import type { PullQueueOptions } from "./pulls/pull-queue.ts";

/** Kubernetes pulls one image at a time unless told otherwise; we do not let a big one hold up the others. */
const defaultParallelPulls = 5;

/** Environment → configuration of image-puller. */
export const imagePullerConfig = z
  .object({
    PODBUS_NODE_NAME: nodeName,
    PODBUS_CRI_ENDPOINT: unixEndpoint.default(defaultCriEndpoint),
    PODBUS_IMAGE_PULL_TIMEOUT: durationMs.default(600_000),
    PODBUS_SERIALIZE_IMAGE_PULLS: z.enum(["true", "false"], { error: 'must be "true" or "false"' }).default("false"),
    PODBUS_MAX_PARALLEL_IMAGE_PULLS: integer({ min: 1, max: 1_000 }).optional(),
    PODBUS_REGISTRY_PULL_QPS: integer({ min: 0, max: 1_000_000 }).default(5),
    PODBUS_REGISTRY_BURST: integer({ min: 1, max: 1_000_000 }).default(10),
    ...imageGcVariables,
    ...imageAccessVariables,
    ...credentialPluginVariables,
    PODBUS_FEATURE_GATES: featureGates({ RuntimeClassInImageCriApi: false }),
  })
  // Kubernetes: pkg/kubelet/apis/config/validation, maxParallelImagePulls.
  .refine((env) => env.PODBUS_SERIALIZE_IMAGE_PULLS === "false" || (env.PODBUS_MAX_PARALLEL_IMAGE_PULLS ?? 1) === 1, {
    path: ["PODBUS_MAX_PARALLEL_IMAGE_PULLS"],
    message: "cannot be larger than 1 unless PODBUS_SERIALIZE_IMAGE_PULLS is false",
  })
  .superRefine(checkImageGc)
  .superRefine(checkImageAccess)
  .superRefine(checkCredentialPlugins)
  .transform((env) => ({
    nodeName: env.PODBUS_NODE_NAME,
    criEndpoint: env.PODBUS_CRI_ENDPOINT,
    perRuntimeHandler: env.PODBUS_FEATURE_GATES.RuntimeClassInImageCriApi,
    pullTimeoutMs: env.PODBUS_IMAGE_PULL_TIMEOUT,
    queue: queueOf(env),
    imageGc: imageGcOf(env),
    imageAccess: imageAccessOf(env),
    credentialPlugins: credentialPluginsOf(env),
  }));

export type ImagePullerConfig = z.output<typeof imagePullerConfig>;

interface QueueVariables {
  readonly PODBUS_SERIALIZE_IMAGE_PULLS: "true" | "false";
  readonly PODBUS_MAX_PARALLEL_IMAGE_PULLS?: number | undefined;
  readonly PODBUS_REGISTRY_PULL_QPS: number;
  readonly PODBUS_REGISTRY_BURST: number;
}

/** Shorter, and an image that would soon be here is disturbed; longer, and a small one waits for nothing. */
const expressAfterMs = 10_000;

function queueOf(env: QueueVariables): Omit<PullQueueOptions, "clock"> {
  const { PODBUS_REGISTRY_PULL_QPS: perSecond, PODBUS_REGISTRY_BURST: burst } = env;
  const rate = perSecond === 0 ? undefined : { perSecond, burst };
  if (env.PODBUS_SERIALIZE_IMAGE_PULLS === "true") return { limit: 1, rate };
  return { limit: env.PODBUS_MAX_PARALLEL_IMAGE_PULLS ?? defaultParallelPulls, expressAfterMs, rate };
}
