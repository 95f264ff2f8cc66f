import type { Container, Pod } from "@podbus/kube";
import { podRequests, qosClass, podLimits as wholePodLimits } from "@podbus/kube";
import { cpuMilli, wholeValue } from "./quantities.ts";

/** kubelet: pkg/kubelet/cm/helpers_linux.go. */
const minShares = 2;
const maxShares = 262_144;
const minQuotaUs = 1_000;
export const cpuPeriodUs = 100_000;

export interface LinuxLimits {
  readonly cpuShares: number;
  /** 0 for none. */
  readonly cpuQuotaUs: number;
  /** 0 for none. */
  readonly memoryBytes: number;
}

export function cpuShares(milli: number): number {
  if (milli === 0) return minShares;
  return Math.min(Math.max(Math.floor((milli * 1024) / 1000), minShares), maxShares);
}

export function cpuQuotaUs(milli: number): number {
  return milli === 0 ? 0 : Math.max(Math.floor((milli * cpuPeriodUs) / 1000), minQuotaUs);
}

/** kubelet: generateLinuxContainerResources; without a request, the limit stands for it. */
export function containerLimits(container: Container): LinuxLimits {
  const { requests, limits } = container.resources ?? {};
  const cpuLimit = cpuMilli(limits?.cpu);
  return {
    cpuShares: cpuShares(requests?.cpu === undefined ? cpuLimit : cpuMilli(requests.cpu)),
    cpuQuotaUs: cpuQuotaUs(cpuLimit),
    memoryBytes: wholeValue(limits?.memory),
  };
}

/** The pod's cgroup is limited only where every container is. kubelet: ResourceConfigForPod. */
export function podLimits(pod: Pod): LinuxLimits {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(containerLimits);
  const limits = wholePodLimits(pod);
  return {
    cpuShares: cpuShares(podRequests(pod).cpuMilli),
    cpuQuotaUs: containers.every((each) => each.cpuQuotaUs > 0) ? cpuQuotaUs(limits.cpuMilli) : 0,
    memoryBytes: containers.every((each) => each.memoryBytes > 0) ? limits.memoryBytes : 0,
  };
}

/** kubelet: GetContainerOOMScoreAdjust (pkg/kubelet/qos/policy.go). */
export function oomScoreAdj(pod: Pod, container: Container, memoryCapacityBytes: number): number {
  const qos = qosClass(pod);
  if (qos === "Guaranteed") return -997;
  if (qos === "BestEffort") return 1000;
  const request = wholeValue(container.resources?.requests?.memory);
  const score = 1000 - Math.floor((1000 * request) / Math.max(memoryCapacityBytes, 1));
  return Math.min(Math.max(score, 3), 999);
}

/** The pod's cgroup below the runtime's hierarchy, as the kubelet's cgroupfs driver lays it out. */
export function podCgroupPath(root: string, pod: Pod): string {
  const qos = qosClass(pod);
  const parent = qos === "Guaranteed" ? root : `${root}/${qos.toLowerCase()}`;
  return `${parent}/pod${pod.metadata.uid}`;
}
