import { labels, type Node, type NodeCondition, type NodeStatus } from "@podbus/kube";
import { kubeTime } from "./kube-time.ts";

export interface MachineFacts {
  readonly hostname: string;
  readonly ips: readonly string[];
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
  /** Kubernetes' name: "amd64". */
  readonly arch: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
}

export interface RuntimeFacts {
  /** "containerd://1.7.24". */
  readonly version: string;
  /** Why the runtime cannot run pods; empty if it can. */
  readonly notReady: string;
}

export interface NodeObjectInputs {
  readonly name: string;
  readonly machine: MachineFacts;
  readonly runtime: RuntimeFacts;
  readonly maxPods: number;
  readonly podbusVersion: string;
  readonly images: NodeStatus["images"];
  readonly previous: readonly NodeCondition[];
  readonly nowMs: number;
}

/** kubelet's default evictionHard: memory.available<100Mi, nodefs.available<10%. */
const reservedMemoryBytes = 100 * 1024 * 1024;
const usableDiskShare = 0.9;

export function nodeCapacity(machine: MachineFacts, maxPods: number): Record<string, string> {
  return {
    cpu: String(machine.cpus),
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    "ephemeral-storage": `${Math.floor(machine.ephemeralBytes / 1024)}Ki`,
    pods: String(maxPods),
  };
}

export function nodeAllocatable(machine: MachineFacts, maxPods: number): Record<string, string> {
  return {
    ...nodeCapacity(machine, maxPods),
    memory: `${Math.floor((machine.memoryBytes - reservedMemoryBytes) / 1024)}Ki`,
    "ephemeral-storage": String(Math.floor(machine.ephemeralBytes * usableDiskShare)),
  };
}

/** The Node object that this machine registers. kubelet: pkg/kubelet/nodestatus/setters.go. */
export function nodeObject(inputs: NodeObjectInputs): Node {
  const { name, machine, runtime, maxPods, images } = inputs;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        [labels.hostname]: name,
        [labels.os]: "linux",
        [labels.arch]: machine.arch,
        "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/arch": machine.arch,
      },
    },
    status: {
      capacity: nodeCapacity(machine, maxPods),
      allocatable: nodeAllocatable(machine, maxPods),
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
        containerRuntimeVersion: runtime.version,
        kubeletVersion: inputs.podbusVersion,
        kubeProxyVersion: inputs.podbusVersion,
        operatingSystem: "linux",
        architecture: machine.arch,
      },
      ...(images && images.length > 0 ? { images } : {}),
    },
  };
}

function nodeConditions({ runtime, previous, nowMs }: NodeObjectInputs): NodeCondition[] {
  const ready = runtime.notReady === "";
  const wanted = [
    ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
    ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
    ready
      ? ["Ready", "True", "KubeletReady", "kubelet is posting ready status"]
      : ["Ready", "False", "KubeletNotReady", runtime.notReady],
  ] as const;
  return wanted.map(([type, status, reason, message]) => {
    const before = previous.find((c) => c.type === type);
    const since = before?.status === status ? before.lastTransitionTime : undefined;
    return {
      type,
      status,
      lastHeartbeatTime: kubeTime(nowMs),
      lastTransitionTime: since ?? kubeTime(nowMs),
      reason,
      message,
    };
  });
}

/** Whether two versions differ in more than their heartbeat. */
export function sameNode(a: Node, b: Node): boolean {
  const still = (node: Node) => JSON.stringify(node, (key, value) => (key === "lastHeartbeatTime" ? undefined : value));
  return still(a) === still(b);
}
