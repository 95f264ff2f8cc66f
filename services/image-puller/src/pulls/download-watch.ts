import { type Clock, pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import { type Bytes, bytesOf, type Ingest, type Layer, manifestOf } from "../domain/download-progress.ts";
import type { ImageReference } from "../domain/image-reference.ts";
import type { Downloads } from "../ports.ts";

/** Who wants to hear how far a pull is. */
export interface DownloadListener {
  /** False while nobody would be told: then nothing is asked. */
  followed(): boolean;
  bytes(bytes: Bytes): void;
}

export interface DownloadWatchOptions {
  /** Undefined where the runtime has nothing to tell. */
  readonly downloads: Downloads | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Watched {
  readonly reference: ImageReference;
  readonly startedAtMs: number;
  readonly listener: DownloadListener;
  /** Once it is known what is downloaded. */
  manifestDigest: string | undefined;
  layers: readonly Layer[] | undefined;
  readonly here: Set<string>;
}

/** containerd has no watch for downloads. A pull that takes less is never asked about. */
const pollMs = 300;

/** Asks the runtime now and then how far it is, once for all pulls, while there are any that somebody follows. */
export class DownloadWatch {
  readonly #options: DownloadWatchOptions;
  readonly #watched = new Set<Watched>();
  #stop: AbortController | undefined;

  constructor(options: DownloadWatchOptions) {
    this.#options = options;
  }

  /** Tells how far this pull is, until the returned function is called. Nothing of this fails or delays the pull. */
  watch(reference: ImageReference, listener: DownloadListener): () => void {
    const { downloads, clock } = this.#options;
    if (!downloads) return () => {};
    const unknown = { manifestDigest: undefined, layers: undefined, here: new Set<string>() };
    const watched: Watched = { reference, startedAtMs: clock.now(), listener, ...unknown };
    this.#watched.add(watched);
    if (!this.#stop) {
      this.#stop = new AbortController();
      void this.#run(downloads, this.#stop.signal);
    }
    return () => {
      this.#watched.delete(watched);
      if (this.#watched.size > 0) return;
      this.#stop?.abort();
      this.#stop = undefined;
    };
  }

  async #run(downloads: Downloads, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#options.clock, pollMs, signal);
      if (signal.aborted) return;
      const followed = [...this.#watched].filter(({ listener }) => listener.followed());
      if (followed.length === 0) continue;
      try {
        await this.#poll(downloads, followed);
      } catch (thrown) {
        const error = toPodbusError(thrown);
        this.#options.log.debug({ err: error }, "no progress of downloads");
        // Another runtime than containerd: these pulls stay unknown. The next one asks again, runtimes are exchanged.
        if (error.code === "UNIMPLEMENTED") return;
      }
    }
  }

  async #poll(downloads: Downloads, followed: readonly Watched[]): Promise<void> {
    const ingests = await downloads.ingests();
    for (const each of followed) if (!each.layers) await this.#identify(downloads, each, ingests);
    const known = followed.filter(({ layers }) => layers !== undefined);
    await markArrived(downloads, known, ingests);
    for (const each of known) {
      if (this.#watched.has(each)) each.listener.bytes(bytesOf(each.layers ?? [], each.here, ingests));
    }
  }

  async #identify(downloads: Downloads, watched: Watched, ingests: readonly Ingest[]): Promise<void> {
    // Nothing on its way is nothing to match: an image that is here already is never looked up.
    if (ingests.length === 0) return;
    const { reference, startedAtMs } = watched;
    const taken = this.#takenBeside(watched);
    const manifests = await downloads.manifestsOf(reference);
    const candidates = manifests.filter(({ digest }) => digest === reference.digest || !taken.has(digest));
    const manifest = manifestOf({ startedAtMs, digest: reference.digest }, candidates, ingests);
    if (!manifest) return;
    watched.layers = await downloads.layersOf(manifest.digest);
    watched.manifestDigest = manifest.digest;
  }

  /** Manifests of the same repository that other pulls are known to be about. */
  #takenBeside({ reference: { domain, path } }: Watched): ReadonlySet<string | undefined> {
    const beside = [...this.#watched].filter(
      (each) => each.reference.domain === domain && each.reference.path === path,
    );
    return new Set(beside.map(({ manifestDigest }) => manifestDigest));
  }
}

/** Layers that are neither here nor on their way are asked for, all with one call. */
async function markArrived(downloads: Downloads, known: readonly Watched[], ingests: readonly Ingest[]): Promise<void> {
  const moving = new Set(ingests.map(({ digest }) => digest));
  const missing = new Set(
    known.flatMap(({ layers = [], here }) =>
      layers.map(({ digest }) => digest).filter((digest) => !here.has(digest) && !moving.has(digest)),
    ),
  );
  if (missing.size === 0) return;
  const arrived = await downloads.present([...missing]);
  for (const { layers = [], here } of known) {
    for (const { digest } of layers) if (arrived.has(digest)) here.add(digest);
  }
}
