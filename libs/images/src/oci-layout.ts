import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Blob, type ImageTree, mediaTypes } from "./image.ts";
import { packTar } from "./tar.ts";

interface LayoutFile {
  readonly path: string;
  readonly content: Buffer;
}

/** An OCI image layout as a directory. https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export async function writeLayout(dir: string, image: ImageTree, name: string): Promise<void> {
  for (const { path, content } of layoutFiles(image, name)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

/** The same layout as one archive, for importers. */
export function layoutArchive(image: ImageTree, name: string): Buffer {
  return packTar(layoutFiles(image, name).map(({ path, content }) => ({ kind: "file", path, content })));
}

function layoutFiles(image: ImageTree, name: string): LayoutFile[] {
  const unique = new Map([...image.blobs, image.root].map((blob) => [blob.descriptor.digest, blob]));
  return [
    { path: "oci-layout", content: Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" })) },
    { path: "index.json", content: Buffer.from(JSON.stringify(indexOf(image, name))) },
    ...[...unique.values()].map((blob) => ({ path: blobPath(blob), content: blob.bytes })),
  ];
}

const blobPath = ({ descriptor }: Blob) => `blobs/${descriptor.digest.replace(":", "/")}`;

function indexOf({ root }: ImageTree, name: string) {
  const annotations = {
    // containerd takes the whole name from its own annotation; the standard one may hold only a tag.
    "io.containerd.image.name": name,
    "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1),
  };
  return { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [{ ...root.descriptor, annotations }] };
}
