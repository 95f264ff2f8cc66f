import { describe, expect, it } from "vitest";
import {
  type Ages,
  type CollectionPolicy,
  decideSpace,
  type ImageAge,
  isTooOld,
  isYoung,
  type ObservedImage,
  observeAges,
  removable,
} from "./image-collection.ts";

const policy: CollectionPolicy = { highPercent: 85, lowPercent: 80, minAgeMs: 120_000, maxAgeMs: 0 };
const image = (id: string, more: Partial<ObservedImage> = {}): ObservedImage => ({
  id,
  runtimeHandler: "",
  names: [`r.example/${id}:1`],
  sizeBytes: 10n,
  pinned: false,
  ...more,
});
const ages = (all: Record<string, ImageAge>): Ages => new Map(Object.entries(all));
const age = (firstSeenMs: number, lastUsedMs = 0): ImageAge => ({ firstSeenMs, lastUsedMs });

describe("decideSpace", () => {
  const table: [string, [capacity: bigint, available: bigint], Partial<CollectionPolicy>, object][] = [
    ["below the high threshold nothing", [1_000n, 160n], {}, { kind: "enough" }],
    ["at the high threshold down to the low one", [1_000n, 150n], {}, { kind: "free", bytes: 50n, usagePercent: 85 }],
    ["a full disk", [1_000n, 0n], {}, { kind: "free", bytes: 200n, usagePercent: 100 }],
    [
      "a threshold of 0 always",
      [1_000n, 1_000n],
      { highPercent: 0, lowPercent: 0 },
      { kind: "free", bytes: 0n, usagePercent: 0 },
    ],
    ["more available than there is counts as empty", [1_000n, 2_000n], {}, { kind: "enough" }],
    ["no capacity is a fault", [0n, 0n], {}, { kind: "invalid-capacity" }],
  ];
  it.each(table)("%s", (_sentence, [capacityBytes, availableBytes], mutation, expected) => {
    expect(decideSpace({ capacityBytes, availableBytes }, { ...policy, ...mutation })).toEqual(expected);
  });
});

describe("observeAges", () => {
  const base = { images: [image("a")], inUse: new Set<string>(), ensuredMs: new Map<string, number>(), nowMs: 100 };
  const table: [string, Ages, Partial<typeof base>, Ages][] = [
    ["a new image is first seen now", ages({}), {}, ages({ a: age(100) })],
    ["a known image keeps its age", ages({ a: age(7, 9) }), {}, ages({ a: age(7, 9) })],
    [
      "an image in use by its id is used now",
      ages({ a: age(7, 9) }),
      { inUse: new Set(["a"]) },
      ages({ a: age(7, 100) }),
    ],
    ["by its name too", ages({ a: age(7) }), { inUse: new Set(["r.example/a:1"]) }, ages({ a: age(7, 100) })],
    [
      "given to a pod it was used then",
      ages({ a: age(7) }),
      { ensuredMs: new Map([["a", 50]]) },
      ages({ a: age(7, 50) }),
    ],
    ["one that is gone is forgotten", ages({ a: age(7), b: age(8) }), {}, ages({ a: age(7) })],
    [
      "one image under two handlers has two ages",
      ages({}),
      { images: [image("a"), image("a", { runtimeHandler: "vm" })] },
      ages({ a: age(100), "a,vm": age(100) }),
    ],
  ];
  it.each(table)("%s", (_sentence, known, mutation, expected) => {
    expect(observeAges(known, { ...base, ...mutation })).toEqual(expected);
  });
});

describe("removable", () => {
  const images = [image("young"), image("old"), image("used"), image("pinned", { pinned: true }), image("lately")];
  const known = ages({ young: age(50), old: age(10), used: age(1), pinned: age(1), lately: age(1, 60) });

  it("leaves out what is in use or pinned, and puts first what was unused for longest", () => {
    const found = removable(known, { images, inUse: new Set(["r.example/used:1"]) });
    expect(found.map(({ id }) => id)).toEqual(["old", "young", "lately"]);
  });
});

it.each([
  ["younger than the minimum", 0, 119_999, true],
  ["as old as the minimum", 0, 120_000, false],
])("young: %s", (_sentence, sinceMs, nowMs, expected) => {
  expect(isYoung(sinceMs, policy, nowMs)).toBe(expected);
});

describe("isTooOld", () => {
  const old = { nowMs: 1_000, startedMs: 0 };
  const table: [string, number, ImageAge, typeof old, boolean][] = [
    ["unused for longer than the maximum", 500, age(1, 499), old, true],
    ["unused for exactly the maximum", 500, age(1, 500), old, false],
    ["never used counts from when it was first seen", 500, age(600), old, false],
    ["not before the process has run for that long", 500, age(1), { nowMs: 1_000, startedMs: 500 }, false],
    ["never without a maximum", 0, age(1), old, false],
  ];
  it.each(table)("%s", (_sentence, maxAgeMs, aged, now, expected) => {
    expect(isTooOld(aged, { ...policy, maxAgeMs }, now)).toBe(expected);
  });
});
