import { describe, expect, it } from "vitest";
import { nodeImages } from "./node-images.ts";

const image = (sizeBytes: number, names = [`r.example/${sizeBytes}:1`]) => ({ names, sizeBytes: BigInt(sizeBytes) });

describe("nodeImages", () => {
  it("has the largest images first", () => {
    expect(nodeImages([image(1), image(3), image(2)]).map(({ sizeBytes }) => sizeBytes)).toEqual([3, 2, 1]);
  });

  it("has fifty images at most, those that are largest", () => {
    const images = nodeImages(Array.from({ length: 60 }, (_, index) => image(index)));
    expect(images).toHaveLength(50);
    expect(images.at(-1)?.sizeBytes).toBe(10);
  });

  it("has five names of an image at most", () => {
    expect(nodeImages([image(1, ["a", "b", "c", "d", "e", "f"])])).toEqual([
      { names: ["a", "b", "c", "d", "e"], sizeBytes: 1 },
    ]);
  });
});
