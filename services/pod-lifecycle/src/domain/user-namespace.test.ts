import { describe, expect, it, test } from "vitest";
import { formatRange, freeRange, hostIdOf, parseRange } from "./user-namespace.ts";

const range = (index: number) => ({ hostId: index * 65_536 });

describe("the lowest free range", () => {
  it.each([
    ["never the machine's own", [], range(1)],
    ["behind those that are taken", [range(1), range(2)], range(3)],
    ["in a gap between them", [range(3), range(1)], range(2)],
  ])("is %s", (_, taken, expected) => {
    expect(freeRange(taken)).toEqual(expected);
  });

  it("ends where ids end", () => {
    const all = Array.from({ length: 65_534 }, (_, index) => range(index + 1));
    expect(freeRange(all)).toBeUndefined();
    expect(all.at(-1)?.hostId).toBeLessThan(2 ** 32 - 65_536);
    expect(freeRange(all.slice(0, -1))).toEqual(all.at(-1));
  });
});

test("an id inside and outside", () => {
  expect([hostIdOf(range(2), 1_000), hostIdOf(undefined, 1_000)]).toEqual([132_072, 1_000]);
});

describe("the file", () => {
  it("is the kubelet's, and read back", () => {
    const ids = [{ hostId: 65_536, containerId: 0, length: 65_536 }];
    expect(JSON.parse(formatRange(range(1)))).toEqual({ uidMappings: ids, gidMappings: ids });
    expect(parseRange(formatRange(range(7)))).toEqual(range(7));
  });

  const of = (uid: object, gid: object = uid) => {
    const ids = { hostId: 65_536, containerId: 0, length: 65_536 };
    return JSON.stringify({ uidMappings: [{ ...ids, ...uid }], gidMappings: [{ ...ids, ...gid }] });
  };
  it.each([
    ["no JSON", "x"],
    ["empty", ""],
    ["the machine's own ids", of({ hostId: 0 })],
    ["between two ranges", of({ hostId: 65_537 })],
    ["too far up", of({ hostId: 2 ** 32 })],
    ["too few", of({ length: 1_000 })],
    ["not from root on", of({ containerId: 1 })],
    ["users and groups that differ", of({}, { hostId: 131_072 })],
    ["none", JSON.stringify({ uidMappings: [], gidMappings: [] })],
  ])("is refused: %s", (_, text) => {
    expect(() => parseRange(text)).toThrow();
  });
});
