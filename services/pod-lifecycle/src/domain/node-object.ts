import { labels, type Node, type NodeCondition, type NodeStatus } from "@podbus/kube";
import { kubeTime } from "./kube-time.ts";
import { type MachineSize, nodeAllocatable, nodeCapacity, type Reservations } from "./node-resources.ts";
import type { RuntimeFeatures } from "./runtime-features.ts";

export interface MachineFacts extends MachineSize {
  readonly hostname: string;
  readonly ips: readonly string[];
  /** Kubernetes' name: "amd64". */
  readonly arch: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  /** Whether the kernel enforces AppArmor's profiles. */
  readonly appArmor: boolean;
}

/** What the node is by its machine and its configuration: it stays the same until a restart. */
export interface NodeDescription {
  readonly name: string;
  readonly machine: MachineFacts;
  readonly maxPods: number;
  /** Beside those that say what the machine is. */
  readonly labels: Readonly<Record<string, string>>;
  readonly reservations: Reservations;
  readonly podbusVersion: string;
}

export interface NodeObjectInputs {
  readonly node: NodeDescription;
  /** "containerd://1.7.24". */
  readonly runtimeVersion: string;
  readonly features: RuntimeFeatures;
  /** Why it cannot run pods; empty if it can. */
  readonly notReady: readonly string[];
  readonly images: NodeStatus["images"];
  readonly nowMs: number;
}

export function allocatableOf({ machine, maxPods, reservations }: NodeDescription): Record<string, string> {
  return nodeAllocatable(nodeCapacity(machine, maxPods), reservations);
}

/** The labels that a node registers with. kubelet: pkg/kubelet/kubelet_node_status.go initialNode. */
export function labelsOf({ name, machine, labels: configured }: NodeDescription): Record<string, string> {
  return {
    [labels.hostname]: name,
    [labels.os]: "linux",
    [labels.arch]: machine.arch,
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": machine.arch,
    ...configured,
  };
}

/**
 * The Node object that this machine registers; the API keeps the transition times of conditions that stay.
 * kubelet: pkg/kubelet/nodestatus/setters.go.
 */
export function nodeObject(inputs: NodeObjectInputs): Node {
  const { node, images, runtimeVersion, features } = inputs;
  const { name, machine, maxPods, podbusVersion } = node;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: labelsOf(node) },
    status: {
      capacity: nodeCapacity(machine, maxPods),
      allocatable: allocatableOf(node),
      conditions: nodeConditions(inputs),
      addresses: [
        ...machine.ips.map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: machine.hostname },
      ],
      nodeInfo: {
        machineID: machine.machineId,
        systemUUID: machine.systemUuid,
        bootID: machine.bootId,
        kernelVersion: machine.kernelVersion,
        osImage: machine.osImage,
        containerRuntimeVersion: runtimeVersion,
        kubeletVersion: podbusVersion,
        kubeProxyVersion: podbusVersion,
        operatingSystem: "linux",
        architecture: machine.arch,
      },
      ...features,
      ...(images && images.length > 0 ? { images } : {}),
    },
  };
}

function nodeConditions({ notReady, nowMs }: NodeObjectInputs): NodeCondition[] {
  const wanted = [
    ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
    ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
    notReady.length === 0
      ? ["Ready", "True", "KubeletReady", "kubelet is posting ready status"]
      : ["Ready", "False", "KubeletNotReady", aggregated(notReady)],
  ] as const;
  const now = kubeTime(nowMs);
  return wanted.map(([type, status, reason, message]) => {
    return { type, status, lastHeartbeatTime: now, lastTransitionTime: now, reason, message };
  });
}

/** apimachinery: util/errors NewAggregate. */
const aggregated = (problems: readonly string[]): string => {
  const [only = "", ...more] = new Set(problems);
  return more.length === 0 ? only : `[${[only, ...more].join(", ")}]`;
};

const times: ReadonlySet<string> = new Set(["lastHeartbeatTime", "lastTransitionTime"]);

/** Whether two versions differ in more than the times of their conditions. */
export function sameNode(a: Node, b: Node): boolean {
  const still = (node: Node) => JSON.stringify(node, (key, value) => (times.has(key) ? undefined : value));
  return still(a) === still(b);
}
