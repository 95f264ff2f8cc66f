import type { Container, Pod } from "@podbus/kube";
import { describe, expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import {
  classShares,
  containerLimits,
  hugePageLimits,
  hugePageSize,
  oomScoreAdj,
  podCgroupPath,
  podHugePages,
  podLimits,
} from "./linux-resources.ts";

type Resources = NonNullable<Container["resources"]>;
const both = (amounts: Record<string, string>): Resources => ({ requests: amounts, limits: amounts });
const needing = (name: string, resources: Resources, change: Partial<Container> = {}) =>
  container(name, { resources, ...change });
const podOf = (...containers: Container[]) => pod({ containers });

const guaranteed = podOf(needing("main", both({ cpu: "500m", memory: "64Mi" })));
const burstable = podOf(needing("main", { requests: { cpu: "250m", memory: "256Mi" } }));
const bestEffort = podOf(container("main"));
const mebi = 2 ** 20;

describe("a pod's cgroup", () => {
  test.each<[string, Pod, string]>([
    ["guaranteed", guaranteed, "/kubepods/poduid-1"],
    ["burstable", burstable, "/kubepods/burstable/poduid-1"],
    ["best effort", bestEffort, "/kubepods/besteffort/poduid-1"],
  ])("%s", (_, subject, path) => expect(podCgroupPath("/kubepods", subject)).toBe(path));

  const none = { cpuQuotaUs: 0, memoryBytes: 0 };
  const limited = needing("main", both({ cpu: "1", memory: "64Mi" }));
  const withSpec = (subject: Pod, spec: Partial<Pod["spec"]>): Pod => ({
    ...subject,
    spec: { ...subject.spec, ...spec },
  });
  test.each<[string, Pod, ReturnType<typeof podLimits>]>([
    ["best effort", bestEffort, { cpuShares: 2, ...none }],
    [
      "best effort with an overhead",
      withSpec(bestEffort, { overhead: { cpu: "250m", memory: "64Mi" } }),
      { cpuShares: 2, ...none },
    ],
    ["burstable", burstable, { cpuShares: 256, ...none }],
    [
      "burstable, one of two without a limit",
      podOf(limited, needing("other", { requests: { cpu: "1" } })),
      { cpuShares: 2048, ...none },
    ],
    [
      "burstable, memory limited by all, processors by one",
      podOf(limited, needing("other", { limits: { memory: "32Mi" } })),
      { cpuShares: 1024, cpuQuotaUs: 0, memoryBytes: 96 * mebi },
    ],
    ["guaranteed", guaranteed, { cpuShares: 512, cpuQuotaUs: 50_000, memoryBytes: 64 * mebi }],
    [
      "guaranteed with an overhead",
      withSpec(guaranteed, { overhead: { cpu: "250m", memory: "64Mi" } }),
      { cpuShares: 768, cpuQuotaUs: 75_000, memoryBytes: 128 * mebi },
    ],
    [
      "an init container that needs more than what runs later",
      withSpec(guaranteed, { initContainers: [needing("init", both({ cpu: "2", memory: "32Mi" }))] }),
      { cpuShares: 2048, cpuQuotaUs: 200_000, memoryBytes: 64 * mebi },
    ],
    [
      "an init container without limits",
      withSpec(guaranteed, { initContainers: [container("init")] }),
      { cpuShares: 512, ...none },
    ],
    [
      "a sidecar",
      withSpec(guaranteed, {
        initContainers: [needing("side", both({ cpu: "100m", memory: "16Mi" }), { restartPolicy: "Always" })],
      }),
      { cpuShares: 614, cpuQuotaUs: 60_000, memoryBytes: 80 * mebi },
    ],
  ])("%s", (_, subject, expected) => expect(podLimits(subject)).toEqual(expected));
});

test("a container's limits are its own", () => {
  expect(containerLimits(needing("main", { requests: { cpu: "100m" }, limits: { cpu: "1", memory: "1Mi" } }))).toEqual({
    cpuShares: 102,
    cpuQuotaUs: 100_000,
    memoryBytes: mebi,
  });
});

test.each<[string, Pod[], number]>([
  ["no pods", [], 2],
  ["what burstable pods ask for, and nobody else", [burstable, burstable, guaranteed, bestEffort], 512],
])("burstable pods together weigh: %s", (_, pods, shares) => {
  expect(classShares(pods)).toEqual({ burstable: shares, besteffort: 2 });
});

describe("huge pages", () => {
  test.each([
    ["hugepages-64Ki", "64KB"],
    ["hugepages-2Mi", "2MB"],
    ["hugepages-1Gi", "1GB"],
  ])("%s are the kernel's %s", (resource, size) => expect(hugePageSize(resource)).toBe(size));

  const paged = needing("main", both({ "hugepages-2Mi": "8Mi", memory: "1Mi" }));
  test("a container has those that it names, and none of other sizes", () => {
    expect(hugePageLimits(paged, ["hugepages-2Mi", "hugepages-1Gi"])).toEqual([
      { pageSize: "2MB", limit: BigInt(8 * mebi) },
      { pageSize: "1GB", limit: 0n },
    ]);
  });

  test("a pod has those of its containers", () => {
    expect(podHugePages(podOf(paged, { ...paged, name: "other" }))).toEqual(new Map([["2MB", 16 * mebi]]));
  });
});

describe("who is killed first when memory is out", () => {
  const small = needing("small", { requests: { memory: "100Mi" } });
  const large = needing("large", { requests: { memory: "400Mi" } });
  const sidecar = (resources: Resources) => needing("side", resources, { restartPolicy: "Always" });
  const critical = { priorityClassName: "system-node-critical" };
  test.each<[string, Pod, Container, number]>([
    ["best effort", bestEffort, container("main"), 1000],
    ["guaranteed", guaranteed, guaranteed.spec.containers[0] as Container, -997],
    ["critical for the node", pod({ containers: [small], ...critical }), small, -997],
    ["no request, in a burstable pod", podOf(small, container("main")), container("main"), 999],
    ["a tenth", podOf(small), small, 900],
    ["more than there is", podOf(small), needing("small", { requests: { memory: "2000Mi" } }), 3],
    [
      "a sidecar of less than its containers",
      pod({ containers: [small, large], initContainers: [sidecar({})] }),
      sidecar({}),
      900,
    ],
    [
      "a sidecar of more than the least container",
      pod({ containers: [small, large], initContainers: [sidecar({ requests: { memory: "200Mi" } })] }),
      sidecar({ requests: { memory: "200Mi" } }),
      800,
    ],
  ])("%s", (_, subject, of, score) => expect(oomScoreAdj(subject, of, 1000 * mebi)).toBe(score));
});
