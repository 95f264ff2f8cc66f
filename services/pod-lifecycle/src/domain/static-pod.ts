import { createHash } from "node:crypto";
import {
  annotations,
  asksForToken,
  decodeObject,
  type Pod,
  parseDocument,
  podReferences,
  pods,
  printFieldErrors,
  qosClass,
  unsupportedPodFeatures,
} from "@podbus/kube";
import { kubeTime } from "./kube-time.ts";

export interface StaticPodOrigin {
  readonly path: string;
  readonly node: string;
  readonly nowMs: number;
}

/**
 * The static pod that a manifest (YAML or JSON) describes, complete as it runs here. The same manifest in the same file of
 * the same node is the same pod, by its uid. Throws an Error whose message says what is wrong with the manifest.
 * kubelet: pkg/kubelet/config/common.go applyDefaults, tryDecodeSinglePod.
 */
export function staticPodOf(manifest: Uint8Array, { path, node, nowMs }: StaticPodOrigin): Pod {
  const { object } = decodeObject(pods, parseDocument(manifest, "application/yaml"), "Ignore");
  const { metadata, spec, apiVersion, kind } = object;
  const uid = hash(object, `host:${node}`, `file:${path}`);
  const pod = pods.defaults({
    apiVersion,
    kind,
    metadata: {
      name: metadata.name && `${metadata.name}-${node}`,
      namespace: metadata.namespace || "default",
      uid,
      creationTimestamp: kubeTime(nowMs),
      ...(metadata.labels ? { labels: metadata.labels } : {}),
      annotations: {
        ...metadata.annotations,
        [annotations.configHash]: uid,
        [annotations.configSeen]: kubeTime(nowMs),
        [annotations.configSource]: "file",
      },
    },
    spec: { ...spec, nodeName: node, tolerations: [...(spec.tolerations ?? []), staysOnNode] },
    status: {
      phase: "Pending",
      conditions: [{ type: "PodScheduled", status: "True", lastTransitionTime: kubeTime(nowMs) }],
    },
  });
  const problem = problemOf(pod);
  if (problem) throw new Error(problem);
  return { ...pod, status: { ...pod.status, qosClass: qosClass(pod) } };
}

/** kubelet: IsStaticPod (pkg/kubelet/types/pod_update.go). */
export const isStaticPod = ({ metadata }: Pod): boolean => metadata.annotations?.[annotations.configSource] === "file";

/** Nobody can move it elsewhere: taints do not end it. */
const staysOnNode = { operator: "Exists", effect: "NoExecute" } as const;

function hash(...parts: readonly unknown[]): string {
  return createHash("sha256")
    .update(parts.map((part) => JSON.stringify(part)).join("\n"))
    .digest("hex")
    .slice(0, 32);
}

function problemOf(pod: Pod): string | undefined {
  const errors = [...pods.validate(pod), ...unsupportedPodFeatures(pod)];
  if (errors.length > 0) return printFieldErrors(errors);
  const reference = referenceOf(pod);
  return reference && `static pods may not reference ${reference}`;
}

/** It must start where there is no API. kubelet 1.34: pkg/api/pod HasAPIObjectReference. */
function referenceOf(pod: Pod): string | undefined {
  if (pod.spec.serviceAccountName) return "serviceaccounts";
  if (asksForToken(pod)) return "serviceaccounts";
  return (["secrets", "configmaps"] as const).find((resource) => podReferences(pod, resource).size > 0);
}
