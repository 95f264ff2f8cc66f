/** When images are removed, in percent of the disk that holds them, and in milliseconds. */
export interface CollectionPolicy {
  /** At or above it images are removed; 100 never. */
  readonly highPercent: number;
  /** Down to it. */
  readonly lowPercent: number;
  /** An image is left alone for so long after it was first seen, or brought here or found for a pod. */
  readonly minAgeMs: number;
  /** Unused for longer, it is removed however much room there is. 0: never. */
  readonly maxAgeMs: number;
}

export interface DiskUsage {
  readonly capacityBytes: bigint;
  readonly availableBytes: bigint;
}

export interface ObservedImage {
  readonly id: string;
  /** CRI runtimes may hold an image once for each runtime handler. */
  readonly runtimeHandler: string;
  /** Tags and digests. */
  readonly names: readonly string[];
  readonly sizeBytes: bigint;
  /** The runtime wants it to stay. */
  readonly pinned: boolean;
}

/** What is remembered of an image between two looks. */
export interface ImageAge {
  readonly firstSeenMs: number;
  /** 0: never seen in use. */
  readonly lastUsedMs: number;
}

export interface Observation {
  readonly images: readonly ObservedImage[];
  /** Ids, names and digests that a container or a sandbox names. */
  readonly inUse: ReadonlySet<string>;
  /** When EnsureImage last gave an image to a pod, by id. */
  readonly ensuredMs: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

export type Ages = ReadonlyMap<string, ImageAge>;

export interface AgedImage extends ObservedImage, ImageAge {}

/** The image as it is remembered: by id, and by handler where there is one. */
export function ageKey({ id, runtimeHandler }: Pick<ObservedImage, "id" | "runtimeHandler">): string {
  return runtimeHandler === "" ? id : `${id},${runtimeHandler}`;
}

/** The ages after one more look; what is gone is forgotten. Rule: image_gc_manager.go, detectImages. */
export function observeAges(known: Ages, { images, inUse, ensuredMs, nowMs }: Observation): Ages {
  return new Map(
    images.map((image) => {
      const before = known.get(ageKey(image)) ?? { firstSeenMs: nowMs, lastUsedMs: 0 };
      const usedMs = isInUse(image, inUse) ? nowMs : (ensuredMs.get(image.id) ?? 0);
      return [ageKey(image), { ...before, lastUsedMs: Math.max(before.lastUsedMs, usedMs) }];
    }),
  );
}

/** Images that may go, the one unused for longest first. Rule: image_gc_manager.go, imagesInEvictionOrder. */
export function removable(ages: Ages, { images, inUse }: Pick<Observation, "images" | "inUse">): readonly AgedImage[] {
  return images
    .filter((image) => !image.pinned && !isInUse(image, inUse))
    .map((image) => ({ ...image, ...(ages.get(ageKey(image)) ?? { firstSeenMs: 0, lastUsedMs: 0 }) }))
    .sort((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs);
}

/** Whether a container may be about to need the image: it was first seen, or given to a pod, only a moment ago. */
export function isYoung(sinceMs: number, policy: CollectionPolicy, nowMs: number): boolean {
  return nowMs - sinceMs < policy.minAgeMs;
}

/**
 * Whether the image was unused for too long. Rule: image_gc_manager.go, freeOldImages: only once this process has seen
 * that time pass. An image that was never in use counts from when it was first seen; there, as unused for ever.
 */
export function isTooOld(
  image: ImageAge,
  { maxAgeMs }: CollectionPolicy,
  { nowMs, startedMs }: { readonly nowMs: number; readonly startedMs: number },
): boolean {
  if (maxAgeMs === 0 || nowMs - startedMs <= maxAgeMs) return false;
  return nowMs - Math.max(image.firstSeenMs, image.lastUsedMs) > maxAgeMs;
}

export type SpaceDecision =
  | { readonly kind: "enough" }
  | { readonly kind: "free"; readonly bytes: bigint; readonly usagePercent: number }
  | { readonly kind: "invalid-capacity" };

/** How much to free, so that the disk is at the low threshold. Rule: image_gc_manager.go, GarbageCollect. */
export function decideSpace({ capacityBytes, availableBytes }: DiskUsage, policy: CollectionPolicy): SpaceDecision {
  if (capacityBytes <= 0n) return { kind: "invalid-capacity" };
  const available = availableBytes > capacityBytes ? capacityBytes : availableBytes;
  const usagePercent = 100 - Number((available * 100n) / capacityBytes);
  if (usagePercent < policy.highPercent) return { kind: "enough" };
  const bytes = (capacityBytes * BigInt(100 - policy.lowPercent)) / 100n - available;
  return { kind: "free", bytes, usagePercent };
}

function isInUse({ id, names }: ObservedImage, inUse: ReadonlySet<string>): boolean {
  return inUse.has(id) || names.some((name) => inUse.has(name));
}
