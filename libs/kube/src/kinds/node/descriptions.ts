import { conditionFields, type TypeDescriptions } from "../../schema/descriptions.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;
const notUsed = "Not used any more.";

export const nodeDescriptions: TypeDescriptions = {
  [core("Node")]: { spec: "How the node is to be used.", status: "What the node reports of itself." },
  [core("NodeSpec")]: {
    "": "How a node is to be used.",
    podCIDR: "The range of addresses for pods of the node.",
    podCIDRs: "The ranges of addresses for pods of the node, at most one for each IP family.",
    providerID: "How a cloud provider names the machine.",
    unschedulable: "Whether new pods are kept away (kubectl cordon).",
    taints: "What keeps pods away that do not tolerate it.",
    configSource: notUsed,
    externalID: notUsed,
  },
  [core("Taint")]: {
    "": "Keeps pods away from a node unless they tolerate it.",
    key: "Name of the taint.",
    value: "Value of the taint.",
    effect: "What happens to pods that do not tolerate it: NoSchedule, PreferNoSchedule or NoExecute.",
    timeAdded: "When a NoExecute taint was added.",
  },
  [core("NodeConfigSource")]: { "": notUsed, configMap: notUsed },
  [core("ConfigMapNodeConfigSource")]: {
    "": notUsed,
    namespace: notUsed,
    name: notUsed,
    uid: notUsed,
    resourceVersion: notUsed,
    kubeletConfigKey: notUsed,
  },
  [core("NodeStatus")]: {
    "": "What a node reports of itself.",
    capacity: "What the machine has.",
    allocatable: "What pods may use of it.",
    phase: notUsed,
    conditions: "Whether the node is ready, short of memory and the like.",
    addresses: "Where the node can be reached.",
    daemonEndpoints: "Ports of what runs on the node.",
    nodeInfo: "Versions and names of the machine and its software.",
    images: "Images that are on the node.",
    volumesInUse: "Volumes that pods of the node use.",
    volumesAttached: "Volumes that are attached to the node.",
    config: notUsed,
    runtimeHandlers: "Ways of running containers that the node has.",
    features: "What the node's container runtime can do.",
  },
  [core("NodeCondition")]: {
    "": "One aspect of the state of a node.",
    ...conditionFields,
    lastHeartbeatTime: "When the node last reported it.",
  },
  [core("NodeAddress")]: {
    "": "An address or name of a node.",
    type: "Hostname, InternalIP, ExternalIP, InternalDNS or ExternalDNS.",
    address: "The address or name.",
  },
  [core("NodeDaemonEndpoints")]: {
    "": "Ports of what runs on a node.",
    kubeletEndpoint: "Where the node serves logs and exec.",
  },
  [core("DaemonEndpoint")]: { "": "A port of a daemon.", Port: "The port's number." },
  [core("NodeSystemInfo")]: {
    "": "Versions and names of a node's machine and software.",
    machineID: "Id of the installed system (/etc/machine-id).",
    systemUUID: "Id of the machine.",
    bootID: "Id that changes with every start of the machine.",
    kernelVersion: "Version of the kernel.",
    osImage: "Name of the operating system's distribution.",
    containerRuntimeVersion: "Name and version of the container runtime.",
    kubeletVersion: "Version of the agent that runs the pods.",
    kubeProxyVersion: notUsed,
    operatingSystem: "The operating system, such as linux.",
    architecture: "The processor's architecture, such as amd64.",
  },
  [core("ContainerImage")]: {
    "": "An image on a node.",
    names: "Names that the image is known by.",
    sizeBytes: "Its size in bytes.",
  },
  [core("AttachedVolume")]: {
    "": "A volume that is attached to a node.",
    name: "Name of the volume.",
    devicePath: "Where its device is.",
  },
  [core("NodeConfigStatus")]: {
    "": notUsed,
    assigned: notUsed,
    active: notUsed,
    lastKnownGood: notUsed,
    error: notUsed,
  },
  [core("NodeRuntimeHandler")]: {
    "": "A way of running containers.",
    name: "Its name; empty for the default.",
    features: "What it can do.",
  },
  [core("NodeRuntimeHandlerFeatures")]: {
    "": "What a way of running containers can do.",
    recursiveReadOnlyMounts: "Whether mounts below a read-only mount can be read-only, too.",
    userNamespaces: "Whether pods can have users of their own.",
  },
  [core("NodeFeatures")]: {
    "": "What a node's container runtime can do.",
    supplementalGroupsPolicy: "Whether it obeys the pod's supplementalGroupsPolicy.",
  },
};
