import { conditionFields, type TypeDescriptions } from "../../../schema/descriptions.ts";

const core = (name: string) => `io.k8s.api.core.v1.${name}`;
const statuses = "State of each of the pod's";

export const podStatusDescriptions: TypeDescriptions = {
  [core("PodStatus")]: {
    phase: "Pending, Running, Succeeded, Failed or Unknown.",
    conditions: "Whether the pod has been placed, initialized and is ready.",
    message: "Why it is in this phase, for people.",
    reason: "Why it is in this phase, in one word, such as Evicted.",
    nominatedNodeName: "The node that room is being made on.",
    hostIP: "Address of the node.",
    hostIPs: "Addresses of the node, one for each IP family.",
    podIP: "Address of the pod.",
    podIPs: "Addresses of the pod, one for each IP family.",
    startTime: "When the node took the pod.",
    initContainerStatuses: `${statuses} init containers.`,
    containerStatuses: `${statuses} containers.`,
    qosClass: "Guaranteed, Burstable or BestEffort, by the containers' resources.",
    ephemeralContainerStatuses: `${statuses} ephemeral containers.`,
    resize: "How a change of resources goes.",
    resourceClaimStatuses: "The claims that were made for the pod.",
  },
  [core("PodCondition")]: {
    "": "One aspect of the state of a pod.",
    ...conditionFields,
    lastProbeTime: "When it was last looked at.",
  },
  [core("HostIP")]: { "": "An address of a node.", ip: "The address." },
  [core("PodIP")]: { "": "An address of a pod.", ip: "The address." },
  [core("ContainerStatus")]: {
    "": "State of a container.",
    name: "Name of the container.",
    state: "What it does now.",
    lastState: "How it ended the time before.",
    ready: "Whether it can serve.",
    restartCount: "How often it has started again.",
    image: "The image that runs.",
    imageID: "Digest of the image.",
    containerID: "Id of the container in the runtime.",
    started: "Whether it has started and its startup probe has passed.",
    allocatedResources: "Resources that the node has set aside.",
    resources: "Resources that it runs with.",
  },
  [core("ContainerState")]: {
    "": "What a container does; one of these.",
    waiting: "It does not run yet.",
    running: "It runs.",
    terminated: "It has ended.",
  },
  [core("ContainerStateWaiting")]: {
    "": "A container that does not run yet.",
    reason: "Why, in one word, such as CrashLoopBackOff.",
    message: "Why, for people.",
  },
  [core("ContainerStateRunning")]: { "": "A container that runs.", startedAt: "When it started." },
  [core("ContainerStateTerminated")]: {
    "": "A container that has ended.",
    exitCode: "Its exit code.",
    signal: "The signal that ended it.",
    reason: "Why, in one word, such as OOMKilled.",
    message: "Its last message.",
    startedAt: "When it started.",
    finishedAt: "When it ended.",
    containerID: "Id of the container in the runtime.",
  },
  [core("PodResourceClaimStatus")]: {
    "": "A claim that was made for a pod.",
    name: "Name of the pod's resourceClaim.",
    resourceClaimName: "Name of the claim.",
  },
};
