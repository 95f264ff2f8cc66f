/** Annotations of podbus. */
export const annotations = {
  /** W3C traceparent of the request that created the object; later steps of a pod's start continue it. */
  traceparent: "podbus.dev/traceparent",
  /** W3C traceparent of the request that asked for the deletion. */
  deletionTraceparent: "podbus.dev/deletion-traceparent",
  /** On an Event: when the newest record counted in it happened, Unix milliseconds; its own times are whole seconds. */
  countedUntil: "podbus.dev/counted-until-ms",
  /** On a Pod, by its user: probes more often than once a second (libs/kube, kinds/pod/probe-periods). */
  probePeriods: "podbus.dev/probe-period-milliseconds",
  lastApplied: "kubectl.kubernetes.io/last-applied-configuration",
  /** On a mirror pod: the uid that its static pod has on the node. Such pods are not scheduled. */
  configMirror: "kubernetes.io/config.mirror",
  /** On a static pod: its uid, made of its content and where it comes from. */
  configHash: "kubernetes.io/config.hash",
  /** On a static pod: what kind of place it comes from ("file"). */
  configSource: "kubernetes.io/config.source",
  /** On a static pod: when the node saw it first. */
  configSeen: "kubernetes.io/config.seen",
} as const;

/** Labels that Kubernetes' own components know. https://kubernetes.io/docs/reference/labels-annotations-taints/ */
export const labels = {
  hostname: "kubernetes.io/hostname",
  os: "kubernetes.io/os",
  arch: "kubernetes.io/arch",
  instanceType: "node.kubernetes.io/instance-type",
  topologyZone: "topology.kubernetes.io/zone",
  topologyRegion: "topology.kubernetes.io/region",
  namespaceName: "kubernetes.io/metadata.name",
  nodeRolePrefix: "node-role.kubernetes.io/",
  nodeRole: "kubernetes.io/role",
} as const;

export const taints = {
  notReady: "node.kubernetes.io/not-ready",
  unreachable: "node.kubernetes.io/unreachable",
  unschedulable: "node.kubernetes.io/unschedulable",
  memoryPressure: "node.kubernetes.io/memory-pressure",
  diskPressure: "node.kubernetes.io/disk-pressure",
  pidPressure: "node.kubernetes.io/pid-pressure",
  networkUnavailable: "node.kubernetes.io/network-unavailable",
  /** Set by an administrator who knows that the machine is off. */
  outOfService: "node.kubernetes.io/out-of-service",
} as const;

export const namespaces = {
  default: "default",
  system: "kube-system",
  public: "kube-public",
  nodeLease: "kube-node-lease",
} as const;

/** A namespace keeps this finalizer in its spec until its content is gone. */
export const namespaceFinalizer = "kubernetes";

export const podConditions = {
  scheduled: "PodScheduled",
  initialized: "Initialized",
  containersReady: "ContainersReady",
  ready: "Ready",
  readyToStartContainers: "PodReadyToStartContainers",
  disruptionTarget: "DisruptionTarget",
} as const;

/**
 * The version of Kubernetes that podbus says it is. kubectl may be one minor version away, and from 1.31 on it speaks
 * WebSocket, which exec needs.
 */
export const kubernetesVersion = { major: "1", minor: "32", gitVersion: "v1.32.0" } as const;
