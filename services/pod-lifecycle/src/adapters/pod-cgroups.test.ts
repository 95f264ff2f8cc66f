import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@podbus/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { container, pod } from "../../tests/fixtures.ts";
import { cpuWeight } from "./cgroup-limits.ts";
import { LocalPodCgroups } from "./pod-cgroups.ts";

let mount: string;
beforeEach(async () => {
  mount = await mkdtemp(join(tmpdir(), "pod-cgroups-"));
});
afterEach(() => rm(mount, { recursive: true }));

const log = createLogger({ service: "test", level: "silent" });
const cgroups = () => new LocalPodCgroups({ log, root: "/kubepods", mount });
const amounts = { cpu: "500m", memory: "64Mi" };
const limited = pod({ containers: [container("main", { resources: { requests: { cpu: "500m" }, limits: amounts } })] });
const pages = { memory: "1Mi", "hugepages-2Mi": "4Mi" };
const paged = pod({ containers: [container("main", { resources: { requests: pages, limits: pages } })] });
const read = (path: string) => readFile(join(mount, path), "utf8");

test("version 1: shares, quota and memory in their hierarchies", async () => {
  expect(await cgroups().ensure(limited)).toBe("/kubepods/burstable/poduid-1");
  const path = "kubepods/burstable/poduid-1";
  expect(await read(`cpu/${path}/cpu.shares`)).toBe("512");
  expect(await read(`cpu/${path}/cpu.cfs_quota_us`)).toBe("50000");
  expect(await read(`memory/${path}/memory.limit_in_bytes`)).toBe("67108864");
});

test("version 2: one directory, controllers passed on from above", async () => {
  await writeFile(join(mount, "cgroup.controllers"), "cpu memory pids");
  expect(await cgroups().ensure(pod())).toBe("/kubepods/besteffort/poduid-1");
  expect(await read("kubepods/besteffort/poduid-1/cpu.max")).toBe("max 100000");
  expect(await read("kubepods/besteffort/poduid-1/cpu.weight")).toBe("1");
  expect(await read("kubepods/besteffort/cgroup.subtree_control")).toBe("+cpu +memory +pids");
});

test("all pods together have no more than what is allocatable", async () => {
  await cgroups().enforce({ cpu: "1900m", memory: "1Gi", pods: "110" });
  expect(await read("cpu/kubepods/cpu.shares")).toBe("1945");
  expect(await read("memory/kubepods/memory.limit_in_bytes")).toBe("1073741824");
});

test("version 1: processes and huge pages, where they are limited", async () => {
  const path = "kubepods/burstable/poduid-1";
  await mkdir(join(mount, "hugetlb", path), { recursive: true });
  const sizes = ["hugetlb.2MB.limit_in_bytes", "hugetlb.1GB.limit_in_bytes", "hugetlb.2MB.usage_in_bytes"];
  await Promise.all(sizes.map((name) => writeFile(join(mount, "hugetlb", path, name), "")));
  await new LocalPodCgroups({ log, root: "/kubepods", mount, podPidsLimit: 100 }).ensure(paged);
  expect(await Promise.all(sizes.map((name) => read(`hugetlb/${path}/${name}`)))).toEqual(["4194304", "0", ""]);
  expect(await read(`pids/${path}/pids.max`)).toBe("100");
});

test("version 1: no hierarchy is made for what is not limited", async () => {
  await cgroups().ensure(limited);
  expect((await readdir(mount)).sort()).toEqual(["cpu", "memory"]);
});

test("version 2: processes and huge pages, where they are limited", async () => {
  const path = "kubepods/burstable/poduid-1";
  await writeFile(join(mount, "cgroup.controllers"), "cpuset cpu io memory hugetlb pids rdma\n");
  await mkdir(join(mount, path), { recursive: true });
  const sizes = ["hugetlb.2MB.max", "hugetlb.1GB.max", "hugetlb.2MB.rsvd.max"];
  await Promise.all(sizes.map((name) => writeFile(join(mount, path, name), "")));
  await new LocalPodCgroups({ log, root: "/kubepods", mount, podPidsLimit: 100 }).ensure(paged);
  expect(await Promise.all(sizes.map((name) => read(`${path}/${name}`)))).toEqual(["4194304", "0", ""]);
  expect(await read(`${path}/pids.max`)).toBe("100");
  expect(await read("kubepods/cgroup.subtree_control")).toBe("+cpu +memory +pids +hugetlb");
});

test("the classes weigh what their pods ask for, and have no limits", async () => {
  await cgroups().weigh([limited, limited, pod()]);
  expect(await read("cpu/kubepods/burstable/cpu.shares")).toBe("1024");
  expect(await read("cpu/kubepods/besteffort/cpu.shares")).toBe("2");
  expect(await readdir(join(mount, "cpu/kubepods/burstable"))).toEqual(["cpu.shares"]);
  expect(await readdir(join(mount, "memory/kubepods/burstable"))).toEqual([]);
});

test("what cannot be made is left to the runtime", async () => {
  await writeFile(join(mount, "cpu"), "a file in the way");
  expect(await cgroups().ensure(pod())).toBe("/kubepods/besteffort/poduid-1");
});

test("removal takes the pod's cgroup in every hierarchy, with what is left below it", async () => {
  for (const hierarchy of ["cpu", "memory", "pids"]) {
    await mkdir(join(mount, hierarchy, "kubepods/besteffort/poduid-1/left-by-the-runtime"), { recursive: true });
  }
  await cgroups().remove(pod());
  expect(await readdir(join(mount, "pids/kubepods/besteffort"))).toEqual([]);
  expect(await readdir(join(mount, "cpu/kubepods/besteffort"))).toEqual([]);
});

test.each([
  [2, 1],
  [1024, 39],
  [262_144, 10_000],
])("%d shares are a weight of %d", (shares, weight) => expect(cpuWeight(shares)).toBe(weight));

test.each([
  ["a sidecar adds to the containers", { cpu: "250m", memory: "32Mi" }, "75000", "100663296"],
  ["a sidecar without limits leaves the pod without", {}, undefined, undefined],
])("%s", async (_sentence, limits, quota, memory) => {
  const sidecar = container("side", { restartPolicy: "Always", resources: { requests: limits, limits } });
  await cgroups().ensure({ ...limited, spec: { ...limited.spec, initContainers: [sidecar] } });
  const path = "kubepods/burstable/poduid-1";
  const found = (file: string) => read(file).catch(() => undefined);
  expect(await found(`cpu/${path}/cpu.cfs_quota_us`)).toBe(quota);
  expect(await found(`memory/${path}/memory.limit_in_bytes`)).toBe(memory);
});
