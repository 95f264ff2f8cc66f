export {
  type Blob,
  blobOf,
  buildImage,
  buildIndex,
  type Descriptor,
  digestOf,
  dockerMediaTypes,
  type ImageContent,
  type ImageTree,
  jsonBlob,
  type MediaTypes,
  mediaTypes,
  type Platform,
  type RunConfig,
  thisPlatform,
} from "./image.ts";
export { type ImportTarget, importImage, importPauseImage } from "./import-image.ts";
export { type BusyboxImageOptions, buildBusyboxImage, buildPauseImage, pauseImage } from "./known-images.ts";
export { layoutArchive, writeLayout } from "./oci-layout.ts";
export { type PushTarget, pushImage } from "./push-image.ts";
export { type RegistryConfig, renderRegistryConfig } from "./registry-config.ts";
export { packTar, type TarEntry } from "./tar.ts";
