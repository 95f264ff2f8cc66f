import type { StatusResponse } from "@podbus/contracts/cri";
import type { NodeStatus } from "@podbus/kube";

/** What the runtime can do beyond what every runtime can, as the Node says it. */
export type RuntimeFeatures = Pick<NodeStatus, "features" | "runtimeHandlers">;

/** kubelet: pkg/kubelet/nodestatus/setters.go NodeFeatures, RuntimeHandlers. A runtime that says nothing can nothing. */
export function runtimeFeatures({ features, runtimeHandlers }: StatusResponse): RuntimeFeatures {
  return {
    features: features && { supplementalGroupsPolicy: features.supplementalGroupsPolicy },
    runtimeHandlers:
      runtimeHandlers.length === 0
        ? undefined
        : runtimeHandlers.map((handler) => ({
            name: handler.name,
            features: {
              recursiveReadOnlyMounts: handler.features?.recursiveReadOnlyMounts ?? false,
              userNamespaces: handler.features?.userNamespaces ?? false,
            },
          })),
  };
}

/** Whether containers of this handler ("" is the default one) can have all mounts below a read-only one read-only too. */
export function canMountRecursivelyReadOnly({ runtimeHandlers }: StatusResponse, handler: string): boolean {
  return runtimeHandlers.find(({ name }) => name === handler)?.features?.recursiveReadOnlyMounts ?? false;
}
