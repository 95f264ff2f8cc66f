import type { NodeServiceDefinition } from "@podbus/service";
import { type ImagePullerConfig, imagePullerConfig } from "./config.ts";
import { startImagePuller } from "./service.ts";

export { type ImagePullerConfig, imagePullerConfig, startImagePuller };

export const imagePuller: NodeServiceDefinition<ImagePullerConfig> = {
  name: "image-puller",
  scope: "node",
  configSchema: imagePullerConfig,
  start: startImagePuller,
};
