import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { packTar, type TarEntry } from "./tar.ts";

export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

/** What the same is called in Docker's format, schema 2. */
export const dockerMediaTypes: MediaTypes = {
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

export type MediaTypes = Readonly<Record<keyof typeof mediaTypes, string>>;

/** Whether it refers to blobs and other manifests, and is uploaded as one. */
export function isManifest({ mediaType }: Descriptor): boolean {
  return [mediaTypes, dockerMediaTypes].some(({ index, manifest }) => mediaType === index || mediaType === manifest);
}

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
  readonly variant?: string;
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
  /** Default: OCI's. */
  readonly types?: MediaTypes;
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
export function buildImage(content: ImageContent): ImageTree {
  const { layers, config, platform = thisPlatform(), types = mediaTypes } = content;
  const packed = layers.map((entries) => packTar(entries));
  const layerBlobs = packed.map((tar) => blobOf(types.layer, gzipSync(tar)));
  const configBlob = jsonBlob(types.config, {
    ...platform,
    config,
    rootfs: { type: "layers", diff_ids: packed.map(digestOf) },
    history: packed.map(() => ({ created_by: "podbus" })),
  });
  const root = jsonBlob(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: configBlob.descriptor,
    layers: layerBlobs.map(({ descriptor }) => descriptor),
  });
  return { root: { ...root, descriptor: { ...root.descriptor, platform } }, blobs: [...layerBlobs, configBlob] };
}

/** A multi-architecture image. */
export function buildIndex(images: readonly ImageTree[], types: MediaTypes = mediaTypes): ImageTree {
  const manifests = images.map(({ root }) => root.descriptor);
  return {
    root: jsonBlob(types.index, { schemaVersion: 2, mediaType: types.index, manifests }),
    blobs: images.flatMap(({ root, blobs }) => [...blobs, root]),
  };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function jsonBlob(mediaType: string, value: object): Blob {
  return blobOf(mediaType, Buffer.from(JSON.stringify(value)));
}

export function blobOf(mediaType: string, bytes: Buffer): Blob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
