import type { Taint } from "../kinds/node/schema.ts";
import type { Toleration } from "../kinds/pod/scheduling-schema.ts";

/** Kubernetes: staging/src/k8s.io/api/core/v1/toleration.go ToleratesTaint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === "Exists") return true;
  return (toleration.operator || "Equal") === "Equal" && (toleration.value ?? "") === (taint.value ?? "");
}

export const toleratesAny = (tolerations: readonly Toleration[], taint: Taint) =>
  tolerations.some((toleration) => tolerates(toleration, taint));
