import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Info, Status } from "@podbus/contracts/containerd";
import type { ContentStore } from "@podbus/cri";
import { z } from "zod";
import type { Ingest, ManifestLabels } from "../domain/download-progress.ts";
import type { ImageReference } from "../domain/image-reference.ts";
import type { Downloads } from "../ports.ts";

/** On this machine and read only: what takes longer is not worth waiting for. */
const bound = { timeoutMs: 2_000 };

/** containerd sets these when it has read a manifest, before it fetches the layers (images/handlers.go, labels/labels.go). */
const layerLabel = "containerd.io/gc.ref.content.l.";
const sourceLabel = "containerd.io/distribution.source.";

/** What containerd downloads, from its content store. */
export function createContainerdDownloads(content: ContentStore): Downloads {
  return {
    ingests: async () => (await content.ingests(bound)).flatMap(ingestOf),
    manifestsOf: async (reference) => (await content.list([manifestsFilter(reference)], bound)).map(manifestLabels),
    layersOf: async (digest) => layersIn(await content.read(digest, bound)),
    present: async (digests) => {
      const filters = digests.map((digest) => `digest==${digest}`);
      return new Set((await content.list(filters, bound)).map(({ digest }) => digest));
    },
  };
}

/** The refs are "layer-sha256:…": kind and digest (remotes/handlers.go, MakeRefKey). */
function ingestOf({ ref, offset, updatedAt }: Status): Ingest[] {
  const digest = /^layer-(\w+:[0-9a-f]+)$/.exec(ref)?.[1];
  return digest === undefined ? [] : [{ digest, doneBytes: offset, updatedAtMs: msOf(updatedAt) }];
}

/** A blob with layers that came from the repository. Several of one host are in one label, with commas between. */
function manifestsFilter({ domain, path }: ImageReference): string {
  // containerd takes the host's name without its port, and an IPv6 address without brackets (Go's url.Hostname).
  const host = domain.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  const repository = path.replaceAll(/[.*+?^$|(){}[\]]/g, "\\$&");
  const source = `labels.${JSON.stringify(sourceLabel + host)}~=${JSON.stringify(`(^|,)${repository}(,|$)`)}`;
  return `${source},labels.${JSON.stringify(`${layerLabel}0`)}`;
}

function manifestLabels({ digest, labels }: Info): ManifestLabels {
  const layers = Object.entries(labels).filter(([name]) => name.startsWith(layerLabel));
  return { digest, layerDigests: layers.map(([, layer]) => layer) };
}

const manifestSchema = z.object({
  layers: z.array(z.object({ digest: z.string(), size: z.number().int().nonnegative() })),
});

function layersIn(manifest: Buffer) {
  const { layers } = manifestSchema.parse(JSON.parse(manifest.toString("utf8")));
  return layers.map(({ digest, size }) => ({ digest, sizeBytes: BigInt(size) }));
}

const msOf = (time: Timestamp | undefined) => (time ? timestampMs(time) : 0);
