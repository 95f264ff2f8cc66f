import {
  HostPortTable,
  hostPortsOf,
  isExtendedResource,
  labels,
  meetsRequirement,
  nodeRequirement,
  type Pod,
  type PodResources,
  podRequests,
  type Taint,
  toleratesAny,
} from "@podbus/kube";
import { parseKubeTime } from "./kube-time.ts";
import type { ObservedPod } from "./observed-pod.ts";
import type { PodRejection } from "./pod-inputs.ts";
import { cpuMilli, wholeValue } from "./quantities.ts";
import { forbiddenSysctl } from "./sysctls.ts";

/** What a pod meets here. */
export interface AdmissionInputs {
  readonly node: AdmittingNode;
  /** The other pods that run here or will. */
  readonly pods: readonly Pod[];
  /** Sysctls beyond the safe ones. */
  readonly allowedSysctls: readonly string[];
  /** Whether the kernel enforces AppArmor's profiles. */
  readonly appArmor: boolean;
  readonly shuttingDown: boolean;
}

/** The Node object as the API has it. */
export interface AdmittingNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly allocatable: Readonly<Record<string, string>>;
  /** Whether its runtime can leave out groups that an image names. */
  readonly supplementalGroupsPolicy: boolean;
}

/**
 * Whether a pod that was bound here may run: the scheduler decides on what it knew, and a pod that set its nodeName
 * itself never met it. The first reason counts, in the order of the kubelet's admission handlers
 * (pkg/kubelet/kubelet.go; pkg/kubelet/lifecycle/predicate.go).
 */
export function admitPod(pod: Pod, inputs: AdmissionInputs): PodRejection | undefined {
  const sysctl = forbiddenSysctl(pod, inputs.allowedSysctls);
  if (sysctl) return { reason: "SysctlForbidden", message: `forbidden sysctl: ${sysctl}` };
  return (
    otherSystem(pod) ??
    otherGroups(pod, inputs.node) ??
    shortage(pod, inputs) ??
    mismatch(pod, inputs) ??
    shutdown(inputs) ??
    noAppArmor(pod, inputs)
  );
}

function otherSystem({ metadata, spec }: Pod): PodRejection | undefined {
  const label = metadata.labels?.[labels.os];
  if (label !== undefined && label !== "linux") {
    const message = `Failed to admit pod as the \`${labels.os}\` label doesn't match node label`;
    return { reason: "PodOSSelectorNodeLabelDoesNotMatch", message };
  }
  if (spec.os === undefined || spec.os.name === "linux") return undefined;
  return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
}

function otherGroups({ spec }: Pod, { supplementalGroupsPolicy }: AdmittingNode): PodRejection | undefined {
  if (spec.securityContext?.supplementalGroupsPolicy !== "Strict" || supplementalGroupsPolicy) return undefined;
  const message = "SupplementalGroupsPolicy=Strict is not supported in this node";
  return { reason: "SupplementalGroupsPolicyNotSupported", message };
}

export interface Shortage {
  readonly resource: string;
  /** In thousandths of a processor, bytes, or pieces; so are the others. */
  readonly requested: number;
  /** By other pods. */
  readonly used: number;
  readonly capacity: number;
}

/** noderesources.Fits. An extended resource that this node has never heard of is the cluster's business. */
export function shortages(pod: Pod, { node, pods }: AdmissionInputs): readonly Shortage[] {
  const { allocatable } = node;
  const wanted = podRequests(pod);
  const used = pods.map(podRequests);
  const others = Object.keys(wanted.others).filter((name) => name in allocatable || !isExtendedResource(name));
  const resources = ["cpu", "memory", "ephemeral-storage", ...others];
  const checks = [
    { resource: "pods", requested: 1, used: pods.length, capacity: wholeValue(allocatable.pods) },
    ...resources.map((resource) => ({
      resource,
      requested: amountOf(wanted, resource),
      used: used.reduce((sum, each) => sum + amountOf(each, resource), 0),
      capacity: resource === "cpu" ? cpuMilli(allocatable.cpu) : wholeValue(allocatable[resource]),
    })),
  ];
  return checks.filter((check) => check.requested > 0 && check.requested + check.used > check.capacity);
}

function shortage(pod: Pod, inputs: AdmissionInputs): PodRejection | undefined {
  const [short] = shortages(pod, inputs);
  if (!short) return undefined;
  const { resource, requested, used, capacity } = short;
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${resource}`, message: `Node didn't have enough resource: ${resource}, ${amounts}` };
}

export function amountOf(requests: PodResources, resource: string): number {
  if (resource === "cpu") return requests.cpuMilli;
  if (resource === "memory") return requests.memoryBytes;
  return resource === "ephemeral-storage" ? requests.ephemeralStorageBytes : (requests.others[resource] ?? 0);
}

/** What the scheduler's filters say of a node, in their words. Of taints only NoExecute keeps a bound pod away. */
function mismatch(pod: Pod, { node, pods }: AdmissionInputs): PodRejection | undefined {
  if (!meetsRequirement(nodeRequirement(pod), node)) {
    return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  }
  const taken = new HostPortTable();
  for (const other of pods) taken.add(hostPortsOf(other));
  if (taken.conflicts(hostPortsOf(pod))) {
    return failed("NodePorts", "node(s) didn't have free ports for the requested pod ports");
  }
  const tolerations = pod.spec.tolerations ?? [];
  const untolerated = node.taints.some((taint) => taint.effect === "NoExecute" && !toleratesAny(tolerations, taint));
  return untolerated ? failed("TaintToleration", "node(s) had taints that the pod didn't tolerate") : undefined;
}

const failed = (predicate: string, why: string): PodRejection => ({
  reason: predicate,
  message: `Predicate ${predicate} failed: ${why}`,
});

/** kubelet: pkg/kubelet/nodeshutdown. */
function shutdown({ shuttingDown }: AdmissionInputs): PodRejection | undefined {
  if (!shuttingDown) return undefined;
  return { reason: "NodeShutdown", message: "Pod was rejected as the node is shutting down." };
}

/** kubelet: pkg/security/apparmor/validate.go. */
function noAppArmor({ spec }: Pod, { appArmor }: AdmissionInputs): PodRejection | undefined {
  const profiles = [...(spec.initContainers ?? []), ...spec.containers].map(
    ({ securityContext }) => securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile,
  );
  if (appArmor || profiles.every((profile) => !profile || profile.type === "Unconfined")) return undefined;
  return { reason: "AppArmor", message: "Cannot enforce AppArmor: AppArmor is not enabled on the host" };
}

/** It has been let in before, and stays. */
export function hasBegun({ status }: Pod, observed: ObservedPod): boolean {
  return Boolean(status?.startTime) || observed.sandboxes.length > 0;
}

/** Those that have begun take their room before any other is let in; then the oldest come first, as in the kubelet. */
export function admissionOrder(pods: readonly Pod[], isHere: (pod: Pod) => boolean): readonly Pod[] {
  const created = ({ metadata }: Pod) => parseKubeTime(metadata.creationTimestamp);
  return pods.toSorted((a, b) => Number(isHere(b)) - Number(isHere(a)) || created(a) - created(b));
}

/** Pods that have ended need no room. */
export function needsRoom(pod: Pod): boolean {
  return pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed";
}
