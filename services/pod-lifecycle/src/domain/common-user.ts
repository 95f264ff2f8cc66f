import type { Pod } from "@podbus/kube";
import { allContainers } from "./restart-policy.ts";

/** The user id that all containers run as, if the pod says so. kubelet: FsUserFrom (pkg/volume/util). */
export function commonUser(pod: Pod): number | undefined {
  const shared = pod.spec.securityContext?.runAsUser;
  const users = new Set(allContainers(pod).map(({ securityContext }) => securityContext?.runAsUser ?? shared));
  const [user] = users;
  return users.size === 1 ? user : undefined;
}
