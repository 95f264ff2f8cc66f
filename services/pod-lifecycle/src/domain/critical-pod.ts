import type { Pod } from "@podbus/kube";
import { isStaticPod } from "./static-pod.ts";

/** Kubernetes: pkg/apis/scheduling SystemCriticalPriority. */
export const criticalPriority = 2_000_000_000;

/** kubelet: IsCriticalPod (pkg/kubelet/types/pod_update.go). */
export const isCriticalPod = (pod: Pod): boolean => isStaticPod(pod) || (pod.spec.priority ?? 0) >= criticalPriority;
