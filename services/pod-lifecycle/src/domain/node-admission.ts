import type { Pod } from "@podbus/kube";
import { podRequests } from "@podbus/kube";
import type { PodRejection } from "./pod-inputs.ts";
import { cpuMilli, wholeValue } from "./quantities.ts";

export interface NodeRoom {
  readonly allocatable: Readonly<Record<string, string>>;
  /** The other pods that run here or will. */
  readonly pods: readonly Pod[];
}

/**
 * Whether a pod that was bound here fits what is left. The scheduler decides on what it knew; a pod that set its
 * nodeName itself never met it. kubelet: pkg/kubelet/lifecycle/predicate.go.
 */
export function admitPod(pod: Pod, { allocatable, pods }: NodeRoom): PodRejection | undefined {
  const wanted = podRequests(pod);
  const used = pods.map(podRequests);
  const sum = (pick: (requests: ReturnType<typeof podRequests>) => number) =>
    used.reduce((total, requests) => total + pick(requests), 0);
  const checks: readonly Check[] = [
    { resource: "pods", requested: 1, used: pods.length, capacity: wholeValue(allocatable.pods) },
    { resource: "cpu", requested: wanted.cpuMilli, used: sum((r) => r.cpuMilli), capacity: cpuMilli(allocatable.cpu) },
    {
      resource: "memory",
      requested: wanted.memoryBytes,
      used: sum((r) => r.memoryBytes),
      capacity: wholeValue(allocatable.memory),
    },
  ];
  const short = checks.find((check) => check.requested > 0 && check.requested + check.used > check.capacity);
  return short && { reason: `OutOf${short.resource}`, message: shortage(short) };
}

interface Check {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

const shortage = ({ resource, requested, used, capacity }: Check): string =>
  `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;

/** Pods that have ended need no room. */
export function needsRoom(pod: Pod): boolean {
  return pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed";
}
