import { describe, expect, it, test } from "vitest";
import { pod } from "../../tests/fixtures.ts";
import { limitedVolumes, volumeExcess } from "./volume-limits.ts";

test("only directories on disk with a limit are counted", () => {
  const volumes = [
    { name: "free", emptyDir: {} },
    { name: "limited", emptyDir: { sizeLimit: "1Mi" } },
    { name: "none", emptyDir: { sizeLimit: "0" } },
    { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
    { name: "config", configMap: { name: "c" } },
  ];
  expect(limitedVolumes(pod({ volumes }))).toEqual([{ name: "limited", limit: "1Mi" }]);
  expect(limitedVolumes(pod())).toEqual([]);
});

describe("a volume", () => {
  it.each([
    [1024 * 1024, undefined],
    [1024 * 1024 + 1, 'Usage of EmptyDir volume "limited" exceeds the limit "1Mi".'],
  ])("of 1Mi that holds %d bytes", (bytes, message) => {
    expect(volumeExcess({ name: "limited", limit: "1Mi" }, bytes)).toBe(message);
  });
});
