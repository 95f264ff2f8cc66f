import { describe, expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import { emptyDirMount } from "./empty-dir-mount.ts";

const needing = (name: string, ...sizes: readonly string[]) => {
  const amounts = Object.fromEntries(sizes.map((size) => [`hugepages-${size}`, "1Gi"]));
  return container(name, { resources: { requests: { memory: "1Mi", ...amounts } } });
};
const none = pod({});
const small = pod({ containers: [container("other"), needing("main", "2Mi")] });
const both = pod({ containers: [needing("main", "2Mi", "1Gi")] });
const ofInit = pod({ initContainers: [needing("init", "1Gi")], containers: [needing("main", "1Gi")] });

describe("an empty directory", () => {
  test.each([
    ["on the disk", none, {}, undefined],
    ["on the disk, said so", none, { medium: "" }, undefined],
    ["in memory", none, { medium: "Memory" }, { type: "tmpfs", options: [] }],
    ["in so much memory", none, { medium: "Memory", sizeLimit: "1Mi" }, { type: "tmpfs", options: ["size=1048576"] }],
    ["in huge pages", small, { medium: "HugePages" }, { type: "hugetlbfs", options: ["pagesize=2Mi"] }],
    ["in those of two containers", ofInit, { medium: "HugePages" }, { type: "hugetlbfs", options: ["pagesize=1Gi"] }],
    ["in those of a size", both, { medium: "HugePages-1Gi" }, { type: "hugetlbfs", options: ["pagesize=1Gi"] }],
    [
      "in a size by another name",
      both,
      { medium: "HugePages-2048Ki" },
      { type: "hugetlbfs", options: ["pagesize=2048Ki"] },
    ],
  ])("%s", (_, given, source, mount) => expect(emptyDirMount(given, source)).toEqual(mount));

  const missing = (medium: string) =>
    `medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`;
  test.each([
    ["huge pages that nobody asked for", none, "HugePages", missing("HugePages")],
    ["a size that nobody asked for", small, "HugePages-1Gi", missing("HugePages-1Gi")],
    [
      "huge pages of whatever size",
      both,
      "HugePages",
      "medium: HugePages can't be used if container requests multiple huge page sizes",
    ],
    ["no size", both, "HugePages-big", 'unknown storage medium "HugePages-big"'],
    ["another medium", none, "Tape", 'unknown storage medium "Tape"'],
  ])("cannot be had: %s", (_, given, medium, message) => {
    expect(() => emptyDirMount(given, { medium })).toThrow(message);
  });
});
