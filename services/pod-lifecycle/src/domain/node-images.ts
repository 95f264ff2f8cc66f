import type { NodeStatus } from "@podbus/kube";

/** kubelet: nodeStatusMaxImages, and nodestatus/setters.go, MaxNamesPerImageInNodeStatus. */
const maxImages = 50;
const maxNamesPerImage = 5;

interface ImageHere {
  readonly names: readonly string[];
  readonly sizeBytes: bigint;
}

/** node.status.images: the largest ones first, what is above the limits left out. */
export function nodeImages(images: readonly ImageHere[]): NonNullable<NodeStatus["images"]> {
  return images
    .toSorted((a, b) => Number(b.sizeBytes - a.sizeBytes))
    .slice(0, maxImages)
    .map(({ names, sizeBytes }) => ({ names: names.slice(0, maxNamesPerImage), sizeBytes: Number(sizeBytes) }));
}
