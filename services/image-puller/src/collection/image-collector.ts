import { type Clock, pause } from "@podbus/clock";
import { toPodbusError } from "@podbus/errors";
import type { Logger } from "@podbus/telemetry";
import type { ImageAccess } from "../access/image-access.ts";
import {
  type AgedImage,
  type Ages,
  type CollectionPolicy,
  decideSpace,
  isTooOld,
  isYoung,
  observeAges,
  removable,
} from "../domain/image-collection.ts";
import type { ImageInventory, NodeEvents } from "../ports.ts";
import type { ImageGuard } from "./image-guard.ts";

export interface ImageCollectorOptions {
  readonly inventory: ImageInventory;
  readonly guard: ImageGuard;
  /** Its records go with their images. */
  readonly access: Pick<ImageAccess, "reconcile">;
  readonly events: NodeEvents;
  readonly policy: CollectionPolicy;
  /** Time between two looks; the kubelet's is 5 minutes (kubelet.go, ImageGCPeriod). */
  readonly periodMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Removes images that nobody uses, when the disk is full or they are old. Rule: pkg/kubelet/images/image_gc_manager.go. */
export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  readonly #startedMs: number;
  #ages: Ages = new Map();
  #failures = 0;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
    this.#startedMs = options.clock.now();
  }

  /** Until the signal. Both ways of removal switched off, nothing is ever looked at. */
  async run(signal: AbortSignal): Promise<void> {
    const { policy, clock, periodMs } = this.#options;
    if (policy.highPercent === 100 && policy.maxAgeMs === 0) return;
    while (!signal.aborted) {
      await this.#attempt();
      await pause(clock, periodMs, signal);
    }
  }

  /** Rule: kubelet.go, StartGarbageCollection: one failure may be a restarting runtime, a second is for users to see. */
  async #attempt(): Promise<void> {
    const { events, log } = this.#options;
    try {
      await this.#collect();
      this.#failures = 0;
    } catch (thrown) {
      const error = toPodbusError(thrown);
      this.#failures++;
      log.warn({ err: error, failures: this.#failures }, "image garbage collection failed");
      if (this.#failures > 1) events.warn("ImageGCFailed", error.message);
    }
  }

  /** One look, and the removals that follow from it. Fails if it could not free what it should. */
  async #collect(): Promise<void> {
    const { inventory, guard, access, policy, clock } = this.#options;
    const nowMs = clock.now();
    const seen = { ...(await inventory.observe()), ensuredMs: guard.ensuredMs, nowMs };
    guard.keepOnly(new Set(seen.images.map(({ id }) => id)));
    await access.reconcile(seen.images, nowMs);
    this.#ages = observeAges(this.#ages, seen);
    const left = await this.#removeOld(removable(this.#ages, seen), nowMs);
    const space = decideSpace(await inventory.disk(), policy);
    switch (space.kind) {
      case "enough":
        return;
      case "invalid-capacity":
        throw this.#told("InvalidDiskCapacity", "invalid capacity 0 on image filesystem");
      case "free":
        this.#options.log.info(
          { usagePercent: space.usagePercent, bytesToFree: Number(space.bytes), candidates: left.length },
          "the disk of the images is full: removing images",
        );
        await this.#freeSpace(left, space.bytes, nowMs);
    }
  }

  async #removeOld(images: readonly AgedImage[], nowMs: number): Promise<readonly AgedImage[]> {
    const { policy } = this.#options;
    const old = new Set(images.filter((image) => isTooOld(image, policy, { nowMs, startedMs: this.#startedMs })));
    const errors: string[] = [];
    for (const image of old) await this.#remove(image, "age").catch(collectInto(errors));
    if (errors.length > 0) {
      const age = `${policy.maxAgeMs / 1_000}s`;
      throw new Error(
        `wanted to free images older than ${age}, encountered errors in image deletion: ${joined(errors)}`,
      );
    }
    return images.filter((image) => !old.has(image));
  }

  async #freeSpace(images: readonly AgedImage[], wanted: bigint, nowMs: number): Promise<void> {
    const { policy } = this.#options;
    const errors: string[] = [];
    let freed = 0n;
    for (const image of images) {
      if (freed >= wanted) break;
      if (isYoung(image.firstSeenMs, policy, nowMs)) continue;
      const removed = await this.#remove(image, "space").catch(collectInto(errors));
      if (removed) freed += image.sizeBytes;
    }
    if (errors.length > 0) {
      throw new Error(
        `wanted to free ${wanted} bytes, but freed ${freed} bytes space with errors in image deletion: ${joined(errors)}`,
      );
    }
    if (freed < wanted) {
      throw this.#told(
        "FreeDiskSpaceFailed",
        "Failed to garbage collect required amount of images. " +
          `Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`,
      );
    }
  }

  /** False where a pod has got the image a moment ago, or is getting it. */
  async #remove(image: AgedImage, reason: "age" | "space"): Promise<boolean> {
    const { inventory, guard, policy, clock, log } = this.#options;
    const ensuredMs = guard.ensuredMs.get(image.id) ?? Number.NEGATIVE_INFINITY;
    if (isYoung(ensuredMs, policy, clock.now()) || guard.isHeld(image.names)) return false;
    const { id: imageId, names, sizeBytes } = image;
    await guard.removing(names, () => inventory.remove(image));
    log.info({ imageId, names, sizeBytes: Number(sizeBytes), reason }, "removed an image");
    return true;
  }

  #told(reason: string, message: string): Error {
    this.#options.events.warn(reason, message);
    return new Error(message);
  }
}

const collectInto = (errors: string[]) => (thrown: unknown) => {
  errors.push(toPodbusError(thrown).message);
  return false;
};

/** As Go prints an aggregate. */
const joined = (errors: readonly string[]) => (errors.length === 1 ? errors[0] : `[${errors.join(", ")}]`);
