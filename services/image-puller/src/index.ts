import type { NodeServiceDefinition } from "@podbus/service";
import { type ImagePullerConfig, imagePullerConfig } from "./config.ts";
import { type ImagePullerParts, startImagePuller } from "./service.ts";

export { type ImagePullerConfig, type ImagePullerParts, imagePullerConfig, startImagePuller };

export const imagePuller: NodeServiceDefinition<ImagePullerConfig> = {
  name: "image-puller",
  scope: "node",
  configSchema: imagePullerConfig,
  start: startImagePuller,
};
