import type { Pod } from "@podbus/kube";
import { hasOwnUsers, hostIdOf, type IdRange } from "./user-namespace.ts";

/** Who owns the volumes that the node makes for a pod. Ids as the host counts them. */
export interface VolumeOwner {
  /** Who is 0 in the pod. */
  readonly rootId: number;
  /** The pod's fsGroup. */
  readonly groupId: number | undefined;
}

/**
 * The group that owns a pod's volumes, as the pod counts. A pod with users of its own that names none has 0, so that it can
 * read what the node made for it (Kubernetes 1.25 and 1.26, page "User Namespaces", Limitations).
 */
export function volumeGroup(pod: Pod): number | undefined {
  return pod.spec.securityContext?.fsGroup ?? (hasOwnUsers(pod) ? 0 : undefined);
}

export function volumeOwner(pod: Pod, users: IdRange | undefined): VolumeOwner {
  const group = volumeGroup(pod);
  return { rootId: hostIdOf(users, 0), groupId: group === undefined ? undefined : hostIdOf(users, group) };
}
