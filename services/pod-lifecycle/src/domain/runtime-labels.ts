import type { Container, Pod } from "@podbus/kube";
import { containerHash } from "./container-hash.ts";

/** kubelet: pkg/kubelet/types/labels.go and kuberuntime/labels.go; the last two are podbus' own. */
export const runtimeLabels = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  containerName: "io.kubernetes.container.name",
  /** Whose it is, where several agents share a runtime: nothing else is ever touched. */
  node: "podbus.dev/node",
} as const;

export const runtimeAnnotations = {
  hash: "io.kubernetes.container.hash",
  restartCount: "io.kubernetes.container.restartCount",
  terminationMessagePath: "io.kubernetes.container.terminationMessagePath",
  terminationMessagePolicy: "io.kubernetes.container.terminationMessagePolicy",
  terminationGracePeriod: "io.kubernetes.pod.terminationGracePeriod",
  backOffMs: "podbus.dev/back-off-ms",
} as const;

export function podLabels(pod: Pod, nodeName: string): Record<string, string> {
  return {
    [runtimeLabels.podName]: pod.metadata.name,
    [runtimeLabels.podNamespace]: pod.metadata.namespace ?? "",
    [runtimeLabels.podUid]: pod.metadata.uid ?? "",
    [runtimeLabels.node]: nodeName,
  };
}

export function sandboxAnnotations(pod: Pod): Record<string, string> {
  return { ...pod.metadata.annotations, "kubernetes.io/config.source": "api" };
}

export interface RunDetails {
  readonly attempt: number;
  readonly restartCount: number;
  readonly backOffMs: number;
}

export function containerAnnotations(pod: Pod, container: Container, run: RunDetails): Record<string, string> {
  return {
    [runtimeAnnotations.hash]: containerHash(container),
    [runtimeAnnotations.restartCount]: String(run.restartCount),
    [runtimeAnnotations.terminationMessagePath]: container.terminationMessagePath ?? "",
    [runtimeAnnotations.terminationMessagePolicy]: container.terminationMessagePolicy ?? "File",
    [runtimeAnnotations.terminationGracePeriod]: String(pod.spec.terminationGracePeriodSeconds ?? 30),
    [runtimeAnnotations.backOffMs]: String(run.backOffMs),
  };
}
