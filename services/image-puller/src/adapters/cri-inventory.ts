import { statfs } from "node:fs/promises";
import type { Image } from "@podbus/contracts/cri";
import type { Cri } from "@podbus/cri";
import { PodbusError, toPodbusError } from "@podbus/errors";
import { z } from "zod";
import type { DiskUsage, ObservedImage } from "../domain/image-collection.ts";
import type { ImageInventory } from "../ports.ts";

/** What a CRI runtime holds, what its containers use, and how full its disk is. */
export function createCriInventory(cri: Cri): ImageInventory {
  return {
    observe: async () => {
      // Images first: whoever uses one of them by the time that the users are listed is among those.
      const images = await cri.image.listImages({});
      return { images: images.images.map(observedImage), inUse: await namesInUse(cri) };
    },
    disk: () => diskUsage(cri),
    remove: async ({ id, runtimeHandler }) => {
      await cri.image.removeImage({ image: { image: id, runtimeHandler } });
    },
  };
}

function observedImage({ id, repoTags, repoDigests, size, spec, pinned }: Image): ObservedImage {
  const names = [...repoTags, ...repoDigests];
  return { id, runtimeHandler: spec?.runtimeHandler ?? "", names, sizeBytes: size, pinned };
}

/** Ended containers count too: they may be started again, and their logs and layers are still here. */
async function namesInUse(cri: Cri): Promise<ReadonlySet<string>> {
  const [{ containers }, { items }] = await Promise.all([
    cri.runtime.listContainers({}),
    cri.runtime.listPodSandbox({}),
  ]);
  const sandboxImages = await Promise.all(items.map(({ id }) => sandboxImage(cri, id)));
  const names = containers.flatMap(({ imageId, imageRef, image }) => [imageId, imageRef, image?.image ?? ""]);
  return new Set([...names, ...sandboxImages].filter((name) => name !== ""));
}

const sandboxInfo = z.object({ image: z.string().default("") });

/** CRI lists no image of a sandbox; containerd and CRI-O tell it in the verbose status. */
async function sandboxImage(cri: Cri, podSandboxId: string): Promise<string> {
  try {
    const { info } = await cri.runtime.podSandboxStatus({ podSandboxId, verbose: true });
    return sandboxInfo.parse(JSON.parse(info.info ?? "{}")).image;
  } catch (thrown) {
    // Removed since it was listed.
    if (toPodbusError(thrown).code === "NOT_FOUND") return "";
    throw thrown;
  }
}

/** As the kubelet does with containerd (cri_stats_provider.go): the runtime names its mount point, the kernel the sizes. */
async function diskUsage(cri: Cri): Promise<DiskUsage> {
  const { imageFilesystems } = await cri.image.imageFsInfo({});
  const mountpoint = imageFilesystems[0]?.fsId?.mountpoint;
  if (!mountpoint)
    throw new PodbusError({ code: "INTERNAL", message: "the runtime names no filesystem of its images" });
  const { blocks, bavail, bsize } = await statfs(mountpoint, { bigint: true });
  return { capacityBytes: blocks * bsize, availableBytes: bavail * bsize };
}
