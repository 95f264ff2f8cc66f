import { randomBytes } from "node:crypto";
import { type Blob, blobOf, buildImage, type ImageContent, type ImageTree, jsonBlob } from "@podbus/images";

/** An image that no other test has: one layer of this size that cannot be compressed. It cannot run. */
export function freshImage(more: Partial<ImageContent> = {}, sizeBytes = 100_000): ImageTree {
  return buildImage({
    layers: [[{ kind: "file", path: "noise", content: randomBytes(sizeBytes) }]],
    config: {},
    ...more,
  });
}

/** Layers come first among an image's blobs, its configuration last. */
export function layerOf(image: ImageTree): Blob {
  const [layer] = image.blobs;
  if (!layer) throw new Error("the image has no layer");
  return layer;
}

/** The same image whose manifest names other bytes as its layer or configuration, with their right digest. */
export function withBlob(image: ImageTree, part: "layer" | "config", bytes: Buffer): ImageTree {
  const manifest = JSON.parse(image.root.bytes.toString());
  const [layer, config] = image.blobs;
  const old = part === "layer" ? layer : config;
  if (!old) throw new Error(`the image has no ${part}`);
  const fresh = blobOf(old.descriptor.mediaType, bytes);
  const { descriptor } = fresh;
  const root = jsonBlob(manifest.mediaType, {
    ...manifest,
    ...(part === "layer" ? { layers: [descriptor] } : { config: descriptor }),
  });
  return { root, blobs: image.blobs.map((blob) => (blob === old ? fresh : blob)) };
}

/** The same layers with another configuration. */
export function reconfigured(image: ImageTree): ImageTree {
  const config = JSON.parse((image.blobs.at(-1)?.bytes ?? Buffer.alloc(0)).toString());
  return withBlob(image, "config", Buffer.from(JSON.stringify({ ...config, author: "somebody else" })));
}
