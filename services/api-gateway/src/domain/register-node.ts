import type { Node, NodeCondition } from "@podbus/kube";

/**
 * What is stored when a node (again) says what it is: the node owns its status and the labels it sends; labels,
 * annotations, taints and cordoning that others set stay (kubelet_node_status.go tryRegisterWithAPIServer).
 */
export function mergeRegisteredNode(stored: Node, reported: Node): Node {
  const taints = stored.spec?.taints;
  return {
    ...stored,
    metadata: {
      ...stored.metadata,
      ...merged("labels", stored.metadata.labels, reported.metadata.labels),
      ...merged("annotations", stored.metadata.annotations, reported.metadata.annotations),
    },
    spec: { ...reported.spec, ...stored.spec, ...(taints === undefined ? {} : { taints }) },
    status: { ...reported.status, ...conditionsOf(stored, reported) },
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

/** Conditions of others (a network plugin, a problem detector) stay. */
function conditionsOf(stored: Node, reported: Node): { conditions?: NodeCondition[] } {
  const own = reported.status?.conditions ?? [];
  const types = new Set(own.map(({ type }) => type));
  const conditions = [...own, ...(stored.status?.conditions ?? []).filter(({ type }) => !types.has(type))];
  return conditions.length === 0 ? {} : { conditions };
}
