import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ListImagesResponseSchema } from "@podbus/contracts";
import type { ImageRuntime } from "../ports.ts";

/** ImagePuller.ListImages: names as Kubernetes lists them, digests first (kubelet nodestatus, Images). */
export async function listImages(images: ImageRuntime): Promise<MessageInitShape<typeof ListImagesResponseSchema>> {
  const stored = await images.list();
  return {
    images: stored.map(({ names, repoDigests, sizeBytes }) => ({ names: [...repoDigests, ...names], sizeBytes })),
  };
}
