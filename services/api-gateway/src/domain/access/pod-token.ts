import type { Pod } from "@podbus/kube";

/** For which audiences a pod's volumes ask for tokens: all that its node may have made (KEP-4412). "" is the API server. */
export function audiencesOf({ spec }: Pod): ReadonlySet<string> {
  const sources = (spec.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? []);
  return new Set(
    sources.flatMap(({ serviceAccountToken }) => (serviceAccountToken ? [serviceAccountToken.audience ?? ""] : [])),
  );
}

/** pkg/registry/core/serviceaccount/storage/token.go and pkg/apis/authentication/validation. */
export const tokenLifetimeSeconds = { least: 600, default: 3600, most: 2 ** 32 } as const;
