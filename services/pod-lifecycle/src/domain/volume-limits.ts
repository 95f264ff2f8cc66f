import type { Pod } from "@podbus/kube";
import { wholeValue } from "./quantities.ts";

export interface LimitedVolume {
  readonly name: string;
  /** As the pod says it: "10Mi". */
  readonly limit: string;
}

/** Volumes whose files on disk must be counted. Those in memory have a size of their own, which the kernel keeps. */
export function limitedVolumes({ spec }: Pod): LimitedVolume[] {
  return (spec.volumes ?? []).flatMap(({ name, emptyDir }) => {
    const { medium, sizeLimit } = emptyDir ?? {};
    return sizeLimit === undefined || medium === "Memory" || wholeValue(sizeLimit) === 0
      ? []
      : [{ name, limit: sizeLimit }];
  });
}

/** Why the pod must go, if it must. kubelet: emptyDirLimitEviction (pkg/kubelet/eviction/eviction_manager.go). */
export function volumeExcess({ name, limit }: LimitedVolume, usedBytes: number): string | undefined {
  if (usedBytes <= wholeValue(limit)) return undefined;
  return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}".`;
}
