import {
  type Container,
  isSidecar,
  type Pod,
  podRequests,
  qosClass,
  quantityValue,
  podLimits as wholePodLimits,
} from "@podbus/kube";
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
export function containerLimits({ resources }: Pick<Container, "resources">): LinuxLimits {
  const { requests, limits } = resources ?? {};
  const cpuLimit = cpuMilli(limits?.cpu);
  return {
    cpuShares: cpuShares(requests?.cpu === undefined ? cpuLimit : cpuMilli(requests.cpu)),
    cpuQuotaUs: cpuQuotaUs(cpuLimit),
    memoryBytes: wholeValue(limits?.memory),
  };
}

/** The pod's cgroup is limited only where every container is. kubelet: ResourceConfigForPod. */
export function podLimits(pod: Pod): LinuxLimits {
  // A pod that asks for nothing gets nothing for its overhead either.
  if (qosClass(pod) === "BestEffort") return { cpuShares: minShares, cpuQuotaUs: 0, memoryBytes: 0 };
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(containerLimits);
  const limits = wholePodLimits(pod);
  return {
    cpuShares: cpuShares(podRequests(pod).cpuMilli),
    cpuQuotaUs: containers.every((each) => each.cpuQuotaUs > 0) ? cpuQuotaUs(limits.cpuMilli) : 0,
    memoryBytes: containers.every((each) => each.memoryBytes > 0) ? limits.memoryBytes : 0,
  };
}

/** As the runtime takes them. */
export function runtimeResources(limits: LinuxLimits) {
  return {
    cpuPeriod: BigInt(cpuPeriodUs),
    cpuQuota: BigInt(limits.cpuQuotaUs),
    cpuShares: BigInt(limits.cpuShares),
    memoryLimitInBytes: BigInt(limits.memoryBytes),
  };
}

/**
 * What the classes weigh beside each other and beside each guaranteed pod, whose cgroup is next to theirs.
 * kubelet: pkg/kubelet/cm/qos_container_manager_linux.go setCPUCgroupConfig.
 */
export function classShares(pods: readonly Pod[]): { readonly burstable: number; readonly besteffort: number } {
  const burstable = pods.filter((pod) => qosClass(pod) === "Burstable");
  const milli = burstable.reduce((sum, pod) => sum + podRequests(pod).cpuMilli, 0);
  return { burstable: cpuShares(milli), besteffort: minShares };
}

const hugePages = "hugepages-";
export const isHugePages = (resource: string): boolean => resource.startsWith(hugePages);

/** "hugepages-2Mi" → "2MB", the kernel's name for it. v1helper.HugePageUnitSizeFromByteSize. */
export function hugePageSize(resource: string): string {
  let size = quantityValue(resource.slice(hugePages.length));
  const units = ["B", "KB", "MB", "GB"];
  while (size >= 1024 && units.length > 1) {
    size /= 1024;
    units.shift();
  }
  return `${size}${units[0]}`;
}

/**
 * A container may use of the node's huge pages what it names, of other sizes nothing.
 * kubelet: GetHugepageLimitsFromResources (pkg/kubelet/kuberuntime/kuberuntime_container_linux.go).
 */
export function hugePageLimits({ resources }: Container, ofNode: readonly string[]) {
  return ofNode.map((resource) => {
    return { pageSize: hugePageSize(resource), limit: BigInt(wholeValue(resources?.limits?.[resource])) };
  });
}

/** Bytes that the whole pod may use, by the kernel's name of the size. kubelet: HugePageLimits. */
export function podHugePages(pod: Pod): ReadonlyMap<string, number> {
  const named = Object.entries(podRequests(pod).others).filter(([resource]) => isHugePages(resource));
  return new Map(named.map(([resource, bytes]) => [hugePageSize(resource), bytes]));
}

const guaranteedScore = -997;

/** kubelet: GetContainerOOMScoreAdjust (pkg/kubelet/qos/policy.go). */
export function oomScoreAdj(pod: Pod, container: Container, memoryCapacityBytes: number): number {
  const qos = qosClass(pod);
  if (pod.spec.priorityClassName === "system-node-critical" || qos === "Guaranteed") return guaranteedScore;
  if (qos === "BestEffort") return 1000;
  const request = protectedBytes(pod, container);
  const score = 1000 - Math.floor((1000 * request) / Math.max(memoryCapacityBytes, 1));
  return Math.min(Math.max(score, 1000 + guaranteedScore), 999);
}

/** A sidecar is killed no sooner than any of the containers that it serves. */
function protectedBytes(pod: Pod, container: Container): number {
  const own = memoryRequest(container);
  const isOne = isSidecar(container) && pod.spec.initContainers?.some(({ name }) => name === container.name);
  return isOne ? Math.max(own, Math.min(...pod.spec.containers.map(memoryRequest))) : own;
}

const memoryRequest = ({ resources }: Container): number => wholeValue(resources?.requests?.memory);

/** The pod's cgroup below the runtime's hierarchy, as the kubelet's cgroupfs driver lays it out. */
export function podCgroupPath(root: string, pod: Pod): string {
  const qos = qosClass(pod);
  const parent = qos === "Guaranteed" ? root : `${root}/${qos.toLowerCase()}`;
  return `${parent}/pod${pod.metadata.uid}`;
}
