import type { PodRef } from "@podbus/contracts";
import type { PullRecord } from "./domain/access/pull-record.ts";
import type { SourcedEntries } from "./domain/credentials/keyring.ts";
import type { RegistryCredential } from "./domain/credentials/registry-credential.ts";
import type { Ingest, Layer, ManifestLabels } from "./domain/download-progress.ts";
import type { DiskUsage, ObservedImage } from "./domain/image-collection.ts";
import type { ImageReference } from "./domain/image-reference.ts";
import type { StoredImage } from "./domain/pull-decision.ts";

/** The node's image store. Failures are PodbusErrors with the runtime's code and words. */
export interface ImageRuntime {
  /** Undefined where the image is not here. */
  find(wanted: WantedImage): Promise<StoredImage | undefined>;
  /** Brings the image from its registry, or finds that what is here is current. Resolves to the runtime's image id. */
  pull(wanted: WantedImage, options: PullOptions): Promise<string>;
  list(): Promise<readonly StoredImage[]>;
}

export interface PullOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Sent to the image's registry and to no other host; undefined for none. */
  readonly credential?: RegistryCredential | undefined;
}

export interface WantedImage {
  readonly reference: ImageReference;
  /** As written in the pod spec. */
  readonly image: string;
  /** The CRI runtime handler; "" for the default one. */
  readonly runtimeHandler: string;
}

/** What the runtime is downloading. A runtime that does not tell fails UNIMPLEMENTED. */
export interface Downloads {
  ingests(): Promise<readonly Ingest[]>;
  /** Manifests with layers that came from the reference's repository. */
  manifestsOf(reference: ImageReference): Promise<readonly ManifestLabels[]>;
  layersOf(manifestDigest: string): Promise<readonly Layer[]>;
  /** Those of the digests that are here. */
  present(digests: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What outlives this process of who pulled what; each write is whole or not at all. Names: `recordKey`. */
export interface PullRecordStore {
  load(): Promise<{
    readonly records: readonly PullRecord[];
    /** Names of records that are damaged, or of a version that is not known. */
    readonly unreadable: readonly string[];
    readonly intents: readonly string[];
  }>;
  writeIntent(image: string): Promise<void>;
  removeIntent(key: string): Promise<void>;
  writeRecord(record: PullRecord): Promise<void>;
  removeRecord(key: string): Promise<void>;
}

/** What the runtime holds, for garbage collection. */
export interface ImageInventory {
  /** Images, and the ids, names and digests by which containers and sandboxes use them. */
  observe(): Promise<{ readonly images: readonly ObservedImage[]; readonly inUse: ReadonlySet<string> }>;
  /** Of the disk that holds the images. */
  disk(): Promise<DiskUsage>;
  /** With all its names. Succeeds if it is gone. */
  remove(image: ObservedImage): Promise<void>;
}

export interface PullSecrets {
  readonly entries: readonly SourcedEntries[];
  /** Names of Secrets that could not be had. */
  readonly missing: readonly string[];
}

/** The Secrets with which a pod may pull. */
export interface PodSecrets {
  /** Never fails: what cannot be had is missing, and the pull may succeed without. */
  read(pod: PodRef, names: readonly string[], signal: AbortSignal): Promise<PullSecrets>;
}

/** What users see in `kubectl describe node`. Never throws and never waits. */
export interface NodeEvents {
  warn(reason: string, message: string): void;
}

/** What users see in `kubectl describe pod`. Never throws and never waits. */
export interface PullEvents {
  record(event: PullEvent): void;
}

export interface PullEvent {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** Undefined where it is about the whole pod. */
  readonly containerName?: string | undefined;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}
