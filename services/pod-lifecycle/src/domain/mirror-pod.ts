import { annotations, type Pod } from "@podbus/kube";

/** What the API is to be told of a static pod; its status follows once the mirror is there. */
export function mirrorOf({ apiVersion, kind, metadata, spec }: Pod): Pod {
  const { uid = "", name, namespace, labels, annotations: own } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels ? { labels } : {}),
      annotations: { ...own, [annotations.configMirror]: uid },
    },
    spec,
  };
}

/** The uid that the static pod behind a mirror has on its node. */
export const mirroredUid = ({ metadata }: Pod): string => metadata.annotations?.[annotations.configMirror] ?? "";

export type MirrorStep = "create" | "delete" | "status";

export interface MirrorFacts {
  /** Undefined: the node has no static pod of that name. */
  readonly pod: Pod | undefined;
  /** What the API shows under that name. */
  readonly mirror: Pod | undefined;
  /** The mirror has the pod's newest status. */
  readonly statusTold: boolean;
}

/** What has to be done next, if anything. kubelet: tryReconcileMirrorPods (pkg/kubelet/kubelet.go). */
export function nextMirrorStep({ pod, mirror, statusTold }: MirrorFacts): MirrorStep | undefined {
  if (!mirror) return pod ? "create" : undefined;
  const outdated = mirroredUid(mirror) !== pod?.metadata.uid || mirror.metadata.deletionTimestamp !== undefined;
  if (outdated) return "delete";
  return statusTold ? undefined : "status";
}
