import { expect, test } from "vitest";
import { nodeAllocatable, nodeCapacity, type Reservations } from "./node-resources.ts";

const Gi = 2 ** 30;
const machine = { cpus: 4, memoryBytes: 8 * Gi, ephemeralBytes: 100 * Gi, hugePages: {} };
const nothing: Reservations = { kube: {}, system: {}, eviction: {} };

test("the capacity is what the machine has", () => {
  const hugePages = { "2Mi": 512 * 2 ** 20, "1Gi": 0 };
  expect(nodeCapacity({ ...machine, hugePages }, 110)).toEqual({
    cpu: "4",
    memory: "8388608Ki",
    "ephemeral-storage": "104857600Ki",
    "hugepages-2Mi": "512Mi",
    "hugepages-1Gi": "0",
    pods: "110",
  });
});

test.each<readonly [string, Partial<Reservations>, Record<string, string>]>([
  ["all of it where nothing is kept", {}, { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi", pods: "110" }],
  [
    "without what the system and podbus keep, together",
    { kube: { cpu: "250m", memory: "1Gi" }, system: { cpu: "250m", "ephemeral-storage": "10Gi" } },
    { cpu: "3500m", memory: "7Gi", "ephemeral-storage": "90Gi" },
  ],
  [
    "without what eviction keeps free, as an amount or a share",
    { eviction: { "memory.available": "1Gi", "nodefs.available": "10%" } },
    { cpu: "4", memory: "7Gi", "ephemeral-storage": "90Gi" },
  ],
  ["nothing, where more is kept than there is", { kube: { cpu: "5" } }, { cpu: "0" }],
])("pods may have %s", (_, reservations, expected) => {
  expect(nodeAllocatable(nodeCapacity(machine, 110), { ...nothing, ...reservations })).toMatchObject(expected);
});

test("huge pages are no memory for others", () => {
  const capacity = nodeCapacity({ ...machine, hugePages: { "1Gi": 2 * Gi } }, 110);
  expect(nodeAllocatable(capacity, nothing)).toMatchObject({ memory: "6Gi", "hugepages-1Gi": "2Gi" });
});
