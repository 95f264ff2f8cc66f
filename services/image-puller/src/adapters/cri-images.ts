import type { Image } from "@podbus/contracts/cri";
import type { Cri } from "@podbus/cri";
import type { StoredImage } from "../domain/pull-decision.ts";
import type { ImageRuntime, WantedImage } from "../ports.ts";

/** The container runtime's image service. */
export function createCriImages(cri: Cri): ImageRuntime {
  return {
    find: async (wanted) => {
      const { image } = await cri.image.imageStatus({ image: specOf(wanted) });
      return image && storedImage(image);
    },
    pull: async (wanted, options) => (await cri.image.pullImage({ image: specOf(wanted) }, options)).imageRef,
    list: async () => (await cri.image.listImages({})).images.map(storedImage),
  };
}

function specOf({ reference, image, runtimeHandler }: WantedImage) {
  return { image: reference.canonical, userSpecifiedImage: image, runtimeHandler };
}

function storedImage(image: Image): StoredImage {
  return { id: image.id, names: image.repoTags, repoDigests: image.repoDigests, sizeBytes: image.size };
}
