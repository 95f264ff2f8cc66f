/** Of all layers of an image. Both 0 while unknown. */
export interface Bytes {
  readonly done: bigint;
  readonly total: bigint;
}

export const unknownBytes: Bytes = { done: 0n, total: 0n };

/** A blob on its way here. */
export interface Ingest {
  readonly digest: string;
  readonly doneBytes: bigint;
  readonly updatedAtMs: number;
}

/** A manifest that is here, by what its layers are called. */
export interface ManifestLabels {
  readonly digest: string;
  readonly layerDigests: readonly string[];
}

export interface Layer {
  readonly digest: string;
  readonly sizeBytes: bigint;
}

/** A pull whose manifest is looked for. */
export interface SoughtPull {
  readonly startedAtMs: number;
  /** The digest that the pod names, of a manifest or an index. */
  readonly digest: string | undefined;
}

/** The file system's time of a write may lag behind the clock by a tick. */
const tickMs = 1_000;

/**
 * The manifest that a pull is downloading: one of its repository with a layer under way. containerd does not tell
 * which download belongs to which pull, so two that could be meant are none: unknown is better than wrong.
 * Only manifests of our platform have layers under way; an index is never among the candidates.
 */
export function manifestOf(
  pull: SoughtPull,
  candidates: readonly ManifestLabels[],
  ingests: readonly Ingest[],
): ManifestLabels | undefined {
  const named = candidates.find(({ digest }) => digest === pull.digest);
  if (named) return named;
  const moving = new Set(
    ingests.filter(({ updatedAtMs }) => updatedAtMs >= pull.startedAtMs - tickMs).map(({ digest }) => digest),
  );
  const [match, ...others] = candidates.filter(({ layerDigests }) => layerDigests.some((layer) => moving.has(layer)));
  return others.length === 0 ? match : undefined;
}

/** What is done of an image's layers. A digest that two layers share is one download. */
export function bytesOf(layers: readonly Layer[], here: ReadonlySet<string>, ingests: readonly Ingest[]): Bytes {
  const arriving = new Map(ingests.map(({ digest, doneBytes }) => [digest, doneBytes]));
  let done = 0n;
  let total = 0n;
  for (const { digest, sizeBytes } of new Map(layers.map((layer) => [layer.digest, layer])).values()) {
    total += sizeBytes;
    done += here.has(digest) ? sizeBytes : smaller(arriving.get(digest) ?? 0n, sizeBytes);
  }
  return { done, total };
}

/** Whole tenths that are done; undefined while unknown. */
export function tenthsOf({ done, total }: Bytes): number | undefined {
  return total > 0n ? Number((done * 10n) / total) : undefined;
}

const smaller = (a: bigint, b: bigint) => (a < b ? a : b);
