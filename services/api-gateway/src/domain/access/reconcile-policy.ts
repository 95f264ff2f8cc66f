import type { ClusterRole, ClusterRoleBinding, KubeObject, Subject } from "@podbus/kube";
import { equalJson } from "@podbus/kube";
import { autoupdate } from "./bootstrap-policy.ts";
import { uncovered } from "./policy-rules.ts";

// staging/src/k8s.io/component-helpers/auth/rbac/reconciliation: what is missing is added, what was added stays.

export type Reconciliation<T> =
  | { readonly kind: "keep" }
  | { readonly kind: "update"; readonly object: T }
  /** A binding's role cannot be changed: it is made anew. */
  | { readonly kind: "replace" };

export function reconcileRole(stored: ClusterRole, wanted: ClusterRole): Reconciliation<ClusterRole> {
  if (isLeftAlone(stored)) return { kind: "keep" };
  const object: ClusterRole = { ...stored, metadata: withMetadata(stored, wanted) };
  if (wanted.aggregationRule) {
    const selectors = stored.aggregationRule?.clusterRoleSelectors ?? [];
    const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter((each) => !has(selectors, each));
    object.aggregationRule = { clusterRoleSelectors: [...selectors, ...missing] };
  } else {
    // Whole rules, so that they read as they are meant; the parts decide whether one is missing.
    const missing = (wanted.rules ?? []).filter((rule) => uncovered(stored.rules ?? [], [rule]).length > 0);
    object.rules = [...(stored.rules ?? []), ...missing];
  }
  return equalJson(object, stored) ? { kind: "keep" } : { kind: "update", object };
}

export function reconcileBinding(
  stored: ClusterRoleBinding,
  wanted: ClusterRoleBinding,
): Reconciliation<ClusterRoleBinding> {
  if (isLeftAlone(stored)) return { kind: "keep" };
  if (!equalJson(stored.roleRef, wanted.roleRef)) return { kind: "replace" };
  const subjects = stored.subjects ?? [];
  const missing = (wanted.subjects ?? []).filter((subject) => !has<Subject>(subjects, subject));
  const object: ClusterRoleBinding = { ...stored, metadata: withMetadata(stored, wanted) };
  if (missing.length > 0) object.subjects = [...subjects, ...missing];
  return equalJson(object, stored) ? { kind: "keep" } : { kind: "update", object };
}

function has<T>(items: readonly T[], wanted: T): boolean {
  return items.some((item) => equalJson(item, wanted));
}

function isLeftAlone({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[autoupdate] === "false";
}

function withMetadata(stored: KubeObject, wanted: KubeObject): KubeObject["metadata"] {
  return {
    ...stored.metadata,
    labels: { ...wanted.metadata.labels, ...stored.metadata.labels },
    annotations: { ...wanted.metadata.annotations, ...stored.metadata.annotations },
  };
}
