import { FakeClock } from "@podbus/clock";
import { createLogger } from "@podbus/telemetry";
import { beforeEach, describe, expect, it } from "vitest";
import type { CollectionPolicy, ObservedImage } from "../domain/image-collection.ts";
import type { ImageInventory } from "../ports.ts";
import { ImageCollector } from "./image-collector.ts";
import { ImageGuard } from "./image-guard.ts";

const policy: CollectionPolicy = { highPercent: 85, lowPercent: 80, minAgeMs: 120_000, maxAgeMs: 0 };
const periodMs = 300_000;
const nameOf = (id: string) => `r.example/${id}:1`;

/** A disk of 1,000 bytes with nothing but images on it. */
class FakeInventory implements ImageInventory {
  readonly images = new Map<string, ObservedImage>();
  readonly inUse = new Set<string>();
  readonly broken = new Set<string>();
  capacityBytes = 1_000n;
  observeFailure: Error | undefined;
  onRemove = () => Promise.resolve();

  add(id: string, sizeBytes: number, more: Partial<ObservedImage> = {}): void {
    this.images.set(id, {
      id,
      runtimeHandler: "",
      names: [nameOf(id)],
      sizeBytes: BigInt(sizeBytes),
      pinned: false,
      ...more,
    });
  }
  async observe() {
    if (this.observeFailure) throw this.observeFailure;
    return { images: [...this.images.values()], inUse: this.inUse };
  }
  async disk() {
    const used = [...this.images.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0n);
    return { capacityBytes: this.capacityBytes, availableBytes: this.capacityBytes - used };
  }
  async remove({ id }: ObservedImage) {
    await this.onRemove();
    if (this.broken.has(id)) throw new Error(`${id} is busy`);
    this.images.delete(id);
  }
}

let clock: FakeClock;
let inventory: FakeInventory;
let guard: ImageGuard;
let reconciled: string[][];
let events: string[];
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  inventory = new FakeInventory();
  guard = new ImageGuard();
  reconciled = [];
  events = [];
  stop = new AbortController();
});

function start(mutation: Partial<CollectionPolicy> = {}): Promise<void> {
  const log = createLogger({ service: "image-puller", level: "silent" });
  const warn = (reason: string, message: string) => void events.push(`${reason}: ${message}`);
  return new ImageCollector({
    ...{ inventory, guard, clock, log, periodMs },
    access: { reconcile: async (images) => void reconciled.push(images.map(({ id }) => id)) },
    events: { warn },
    policy: { ...policy, ...mutation },
  }).run(stop.signal);
}

/** Has seen all images once, when there was room for them. */
async function startWithRoom(mutation: Partial<CollectionPolicy> = {}): Promise<void> {
  inventory.capacityBytes = 10_000n;
  void start(mutation);
  await clock.step(0);
  inventory.capacityBytes = 1_000n;
}

const left = () => [...inventory.images.keys()];

describe("a disk above the high threshold", () => {
  it("loses images until it is at the low one, those first that were unused for longest", async () => {
    for (const [id, bytes] of [
      ["a", 300],
      ["b", 300],
      ["c", 300],
    ] as const)
      inventory.add(id, bytes);
    inventory.inUse.add("a");
    await startWithRoom();
    inventory.inUse.clear();
    await clock.step(periodMs);
    expect(left()).toEqual(["a", "c"]);
    expect(events).toEqual([]);
  });

  it("keeps images in use, pinned ones, and young ones, and says that it could not free enough", async () => {
    inventory.add("used", 300);
    inventory.add("pinned", 300, { pinned: true });
    inventory.inUse.add(nameOf("used"));
    await startWithRoom();
    await clock.step(periodMs - 1_000);
    inventory.add("young", 300);
    await clock.step(1_000);
    expect(left()).toEqual(["used", "pinned", "young"]);
    expect(events).toEqual([
      "FreeDiskSpaceFailed: Failed to garbage collect required amount of images. " +
        "Attempted to free 100 bytes, but only found 0 bytes eligible to free.",
    ]);
  });

  it("keeps an image that a pod was given a moment ago, or asks for right now", async () => {
    for (const id of ["given", "asked-for", "free"]) inventory.add(id, 300);
    await startWithRoom();
    await clock.step(periodMs - 1_000);
    guard.ensured("given", clock.now());
    const held = await guard.hold(nameOf("asked-for"));
    await clock.step(1_000);
    expect(left()).toEqual(["given", "asked-for"]);
    held[Symbol.dispose]();
  });

  it("keeps an image that is asked for while another one is removed", async () => {
    for (const id of ["a", "b", "c"]) inventory.add(id, 320);
    inventory.onRemove = async () => void (await guard.hold(nameOf("b")));
    await startWithRoom({ lowPercent: 50 });
    await clock.step(periodMs);
    expect(left()).toEqual(["b"]);
  });

  it("goes on to the next image where one cannot be removed, and tells at the second failure", async () => {
    inventory.add("broken", 450);
    inventory.add("free", 450);
    inventory.broken.add("broken");
    await startWithRoom();
    await clock.step(periodMs);
    expect(left()).toEqual(["broken"]);
    expect(events).toEqual([]);
    inventory.add("more", 450);
    inventory.inUse.add("more");
    await clock.step(periodMs);
    expect(events).toEqual([
      "ImageGCFailed: wanted to free 100 bytes, but freed 0 bytes space with errors in image deletion: broken is busy",
    ]);
  });
});

describe("an old image", () => {
  it("goes however much room there is, once it was unused for the maximum age", async () => {
    inventory.add("old", 10);
    inventory.add("used", 10);
    inventory.inUse.add("used");
    void start({ maxAgeMs: 1_000_000 });
    await clock.step(900_000);
    expect(left()).toEqual(["old", "used"]);
    await clock.step(300_000);
    expect(left()).toEqual(["used"]);
  });
});

describe("failures", () => {
  it("a disk without a capacity is told at once", async () => {
    inventory.capacityBytes = 0n;
    void start();
    await clock.step(0);
    expect(events).toEqual(["InvalidDiskCapacity: invalid capacity 0 on image filesystem"]);
  });

  it("a runtime that is away is told at the second failure in a row", async () => {
    inventory.observeFailure = new Error("gone");
    void start();
    await clock.step(0);
    inventory.observeFailure = undefined;
    await clock.step(periodMs);
    inventory.observeFailure = new Error("gone");
    await clock.step(periodMs);
    expect(events).toEqual([]);
    await clock.step(periodMs);
    expect(events).toEqual(["ImageGCFailed: gone"]);
  });
});

it("records of pulls are told which images are here", async () => {
  inventory.add("a", 1);
  await startWithRoom();
  inventory.images.clear();
  await clock.step(periodMs);
  expect(reconciled).toEqual([["a"], []]);
});

it("ends with the signal, and never begins where all is switched off", async () => {
  await start({ highPercent: 100 });
  const running = start();
  await clock.step(0);
  stop.abort();
  await running;
  expect(clock.waiting).toBe(0);
});
