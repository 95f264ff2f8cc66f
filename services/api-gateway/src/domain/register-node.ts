import { isExtendedResource, labels, type Node, type NodeCondition, type NodeStatus } from "@podbus/kube";

/** The labels that a node keeps right; others are its own only until it is there (kubelet_node_status.go updateDefaultLabels). */
const reconciledLabels: ReadonlySet<string> = new Set([
  labels.hostname,
  labels.os,
  labels.arch,
  labels.instanceType,
  labels.topologyZone,
  labels.topologyRegion,
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
]);

/**
 * What is stored when a node (again) says what it is: the node owns its status and some labels; what others set stays:
 * labels, annotations, taints, cordoning, extended resources (kubelet_node_status.go tryRegisterWithAPIServer).
 */
export function mergeRegisteredNode(stored: Node, reported: Node): Node {
  const taints = stored.spec?.taints;
  return {
    ...stored,
    metadata: {
      ...stored.metadata,
      ...merged("labels", stored.metadata.labels, reconciled(reported.metadata.labels)),
      ...merged("annotations", stored.metadata.annotations, reported.metadata.annotations),
    },
    spec: { ...reported.spec, ...stored.spec, ...(taints === undefined ? {} : { taints }) },
    status: {
      ...reported.status,
      ...resourcesOf(stored, reported),
      ...conditionsOf(stored, reported),
    },
  };
}

function merged(
  key: "labels" | "annotations",
  stored: Record<string, string> = {},
  reported: Record<string, string> = {},
) {
  const both = { ...stored, ...reported };
  return Object.keys(both).length === 0 ? {} : { [key]: both };
}

const reconciled = (reported: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(reported).filter(([name]) => reconciledLabels.has(name)));

/** A resource that someone added to the capacity can be used in full (nodestatus/setters.go MachineInfo). */
function resourcesOf(stored: Node, { status = {} }: Node): Pick<NodeStatus, "capacity" | "allocatable"> {
  const extended = Object.entries(stored.status?.capacity ?? {}).filter(([name]) => isExtendedResource(name));
  if (extended.length === 0) return {};
  const added = Object.fromEntries(extended);
  return { capacity: { ...added, ...status.capacity }, allocatable: { ...added, ...status.allocatable } };
}

/** Conditions of others (a network plugin, a problem detector) stay, and the time since when one is as it is. */
function conditionsOf(stored: Node, reported: Node): { conditions?: NodeCondition[] } {
  const before = new Map((stored.status?.conditions ?? []).map((condition) => [condition.type, condition]));
  const own = (reported.status?.conditions ?? []).map((condition) => {
    const same = before.get(condition.type);
    before.delete(condition.type);
    const since = same?.status === condition.status ? same.lastTransitionTime : undefined;
    return since === undefined ? condition : { ...condition, lastTransitionTime: since };
  });
  const conditions = [...own, ...before.values()];
  return conditions.length === 0 ? {} : { conditions };
}
