import type { Clock } from "@podbus/clock";
import { PodbusError, toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import { mustAttemptPull, type RecordLookup } from "../domain/access/must-attempt-pull.ts";
import {
  accessBy,
  credentialHash,
  type PullRecord,
  pullSecretsOf,
  recordKey,
  type ShownAccess,
  withAccess,
} from "../domain/access/pull-record.ts";
import type { VerificationPolicy } from "../domain/access/verification-policy.ts";
import type { RegistryCredential } from "../domain/credentials/registry-credential.ts";
import type { ObservedImage } from "../domain/image-collection.ts";
import { type ImageReference, parseImageReference } from "../domain/image-reference.ts";
import type { PullRecordStore } from "../ports.ts";

export interface ImageAccessOptions {
  readonly policy: VerificationPolicy;
  readonly store: PullRecordStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** By then the runtime has given up, or finished, a pull whose caller is gone. */
const settledMs = 60_000;

export interface PulledImage {
  /** The runtime's image id. */
  readonly imageRef: string;
  /** The one that succeeded; undefined for none: the registry gives the image to anybody. */
  readonly credential: RegistryCredential | undefined;
}

/**
 * Knows which pods may use which images that are here, from what they were pulled with.
 * An intent is on disk before a pull begins and until its record is: whenever this process ends, an image that it has
 * pulled is never taken for one that was here before. Rule: pkg/kubelet/images/pullmanager/image_pull_manager.go.
 */
export class ImageAccess {
  readonly #options: ImageAccessOptions;
  readonly #records: Map<string, PullRecord>;
  readonly #unreadable: Set<string>;
  readonly #intents: Set<string>;
  /** Pulls under way, by key of the intent. */
  readonly #pulling = new Map<string, number>();
  /** Intents whose image may be here without a record: an earlier process or a full disk left them. And since when. */
  readonly #unsettled: Map<string, number>;
  #lastWrite: Promise<unknown> = Promise.resolve();

  private constructor(options: ImageAccessOptions, loaded: Awaited<ReturnType<PullRecordStore["load"]>>) {
    this.#options = options;
    this.#records = new Map(loaded.records.map((record) => [recordKey(record.imageRef), record]));
    this.#unreadable = new Set(loaded.unreadable);
    this.#intents = new Set(loaded.intents);
    this.#unsettled = new Map(loaded.intents.map((key) => [key, options.clock.now()]));
  }

  static async load(options: ImageAccessOptions): Promise<ImageAccess> {
    const loaded = await options.store.load();
    if (loaded.unreadable.length > 0) {
      const files = loaded.unreadable;
      options.log.warn({ files }, "records of pulls cannot be read: pods must pull these images to use them");
    }
    return new ImageAccess(options, loaded);
  }

  /** Whether the pod must pull the image although it is here. `available`: all credentials that it may use for it. */
  mustAttemptPull(reference: ImageReference, imageRef: string, available: readonly RegistryCredential[]): boolean {
    const decision = mustAttemptPull({
      policy: this.#options.policy,
      repository: repositoryOf(reference),
      lookup: this.#lookup(imageRef),
      intended: this.#intents.has(recordKey(reference.canonical)),
      podSecrets: pullSecretsOf(available),
    });
    if (!decision.mustPull && decision.learn) {
      const access = { nodePodsAccessible: false, kubernetesSecrets: [decision.learn] };
      // The pod does not wait for it: what is not remembered is recognized again.
      this.#show({ imageRef, repository: repositoryOf(reference), access }).catch((thrown: unknown) =>
        this.#options.log.warn({ err: toPodbusError(thrown), imageRef }, "cannot record a pull"),
      );
    }
    return decision.mustPull;
  }

  /** Runs a pull, and records what it shows. Fails if the pull fails, or if it cannot be recorded that it begins. */
  async recordPull(reference: ImageReference, pull: () => Promise<PulledImage>): Promise<string> {
    const key = recordKey(reference.canonical);
    this.#pulling.set(key, (this.#pulling.get(key) ?? 0) + 1);
    try {
      await this.#beginIntent(key, reference.canonical);
      const { imageRef, credential } = await pull();
      if (await this.#succeeded(reference, imageRef, credential)) this.#unsettled.delete(key);
      else this.#unsettled.set(key, this.#options.clock.now());
      return imageRef;
    } finally {
      this.#leave(key);
      await this.#endIntent(key);
    }
  }

  async #beginIntent(key: string, image: string): Promise<void> {
    try {
      await this.#write(async () => {
        if (this.#intents.has(key)) return;
        await this.#options.store.writeIntent(image);
        this.#intents.add(key);
      });
    } catch (cause) {
      const message = `Failed to record image pull intent for container image "${image}": ${toPodbusError(cause).message}`;
      throw new PodbusError({ code: "INTERNAL", message, cause });
    }
  }

  /** False where it cannot be recorded: then the intent stays, and the image is known as pulled, by whom is not. */
  async #succeeded(reference: ImageReference, imageRef: string, credential: RegistryCredential | undefined) {
    try {
      await this.#show({ imageRef, repository: repositoryOf(reference), access: accessBy(credential) });
      return true;
    } catch (thrown) {
      this.#options.log.warn({ err: toPodbusError(thrown), imageRef }, "cannot record a pull");
      return false;
    }
  }

  /**
   * Brings the records in line with the images that are here: an intent that was left becomes a record without
   * credentials, or is removed if there is no image; records of images that are gone are removed, but those changed since.
   */
  async reconcile(images: readonly ObservedImage[], lookedAtMs: number): Promise<void> {
    for (const { id, names } of images) await this.#settle(id, names);
    for (const [key, sinceMs] of [...this.#unsettled]) {
      if (this.#pulling.has(key) || lookedAtMs - sinceMs < settledMs) continue;
      this.#unsettled.delete(key);
      await this.#endIntent(key);
    }
    const here = new Set(images.map(({ id }) => recordKey(id)));
    const gone = [...this.#records].filter(([key, record]) => !here.has(key) && record.lastUpdatedMs < lookedAtMs);
    const goneUnreadable = [...this.#unreadable].filter((key) => !here.has(key));
    for (const key of [...gone.map(([each]) => each), ...goneUnreadable]) {
      await this.#write(async () => {
        await this.#options.store.removeRecord(key);
        this.#records.delete(key);
        this.#unreadable.delete(key);
      });
    }
  }

  async #settle(imageRef: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const key = recordKey(name);
      const parsed = parseImageReference(name);
      if (!parsed.ok || !this.#unsettled.has(key) || this.#pulling.has(key)) continue;
      await this.#show({ imageRef, repository: repositoryOf(parsed.reference), access: undefined });
      this.#unsettled.delete(key);
      await this.#endIntent(key);
    }
  }

  #lookup(imageRef: string): RecordLookup {
    const key = recordKey(imageRef);
    const record = this.#records.get(key);
    if (record) return { kind: "found", record };
    return { kind: this.#unreadable.has(key) ? "unreadable" : "none" };
  }

  #show(shown: ShownAccess): Promise<void> {
    const key = recordKey(shown.imageRef);
    return this.#write(async () => {
      const known = this.#records.get(key);
      const record = withAccess(known, shown, this.#options.clock.now());
      if (record === known) return;
      await this.#options.store.writeRecord(record);
      this.#records.set(key, record);
      this.#unreadable.delete(key);
    });
  }

  /** Unless another pull of the same name goes on, or the image may be here without a record. */
  async #endIntent(key: string): Promise<void> {
    try {
      await this.#write(async () => {
        if (this.#pulling.has(key) || this.#unsettled.has(key) || !this.#intents.has(key)) return;
        await this.#options.store.removeIntent(key);
        this.#intents.delete(key);
      });
    } catch (thrown) {
      this.#options.log.warn({ err: toPodbusError(thrown) }, "cannot remove the intent of a pull");
    }
  }

  #leave(key: string): void {
    const left = (this.#pulling.get(key) ?? 1) - 1;
    if (left > 0) this.#pulling.set(key, left);
    else this.#pulling.delete(key);
  }

  /** One after the other: each decides from what the one before has left, in memory as on disk. */
  #write(work: () => Promise<void>): Promise<void> {
    const written = this.#lastWrite.then(work);
    this.#lastWrite = written.catch(() => {});
    return written;
  }
}

/** Pulls may be shared only by pods with the same credentials: whoever joins gets what those have shown. */
export function credentialsKey(available: readonly RegistryCredential[]): string {
  return available.map(credentialHash).join(" ");
}

function repositoryOf({ domain, path }: ImageReference): string {
  return `${domain}/${path}`;
}
