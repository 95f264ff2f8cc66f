import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { packTar, type TarEntry } from "./tar.ts";

export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** The part of an image's configuration that says how to run it, in OCI's own field names. */
export interface RunConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface ImageContent {
  /** One layer each. */
  readonly layers: readonly (readonly TarEntry[])[];
  readonly config: RunConfig;
  /** Default: this machine's. */
  readonly platform?: Platform;
}

/** An image, or an index of images: its root and everything that the root refers to, in memory. */
export interface ImageTree {
  /** A manifest or an index. */
  readonly root: Blob;
  /** What the root needs, deepest first. Other manifests of an index are here too. */
  readonly blobs: readonly Blob[];
}

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** In Go's words, which images use. */
export function thisPlatform(): Platform {
  return { os: "linux", architecture: architectures[process.arch] ?? process.arch };
}

/** Reproducible: the same content gives the same digests. */
export function buildImage({ layers, config, platform = thisPlatform() }: ImageContent): ImageTree {
  const packed = layers.map((entries) => packTar(entries));
  const layerBlobs = packed.map((tar) => blobOf(mediaTypes.layer, gzipSync(tar)));
  const configBlob = jsonBlob(mediaTypes.config, {
    ...platform,
    config,
    rootfs: { type: "layers", diff_ids: packed.map(digestOf) },
    history: packed.map(() => ({ created_by: "podbus" })),
  });
  const root = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: configBlob.descriptor,
    layers: layerBlobs.map(({ descriptor }) => descriptor),
  });
  return { root: { ...root, descriptor: { ...root.descriptor, platform } }, blobs: [...layerBlobs, configBlob] };
}

/** A multi-architecture image. */
export function buildIndex(images: readonly ImageTree[]): ImageTree {
  const manifests = images.map(({ root }) => root.descriptor);
  return {
    root: jsonBlob(mediaTypes.index, { schemaVersion: 2, mediaType: mediaTypes.index, manifests }),
    blobs: images.flatMap(({ root, blobs }) => [...blobs, root]),
  };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function jsonBlob(mediaType: string, value: object): Blob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(value)));
}

function blobOf(mediaType: string, bytes: Buffer): Blob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
