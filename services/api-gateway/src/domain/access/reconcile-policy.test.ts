import type { ClusterRole, ClusterRoleBinding, PolicyRule } from "@podbus/kube";
import { describe, expect, it } from "vitest";
import { reconcileBinding, reconcileRole } from "./reconcile-policy.ts";

const rule = (...verbs: string[]): PolicyRule => ({ verbs, apiGroups: [""], resources: ["pods"] });
const annotations = { "rbac.authorization.kubernetes.io/autoupdate": "true" };
const metadata = { name: "r", labels: { a: "b" }, annotations };
const api = { apiVersion: "rbac.authorization.k8s.io/v1" };
const wantedRole: ClusterRole = { ...api, kind: "ClusterRole", metadata, rules: [rule("get", "list"), rule("watch")] };
const group = (name: string) => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" };
const wantedBinding: ClusterRoleBinding = {
  ...api,
  kind: "ClusterRoleBinding",
  metadata,
  roleRef,
  subjects: [group("one"), group("two")],
};
const selector = (label: string) => ({ matchLabels: { [label]: "true" } });
const aggregated: ClusterRole = {
  ...wantedRole,
  rules: [],
  aggregationRule: { clusterRoleSelectors: [selector("x")] },
};
const leftAlone = { ...metadata, annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } };

describe("roles that every cluster has", () => {
  it.each<[string, ClusterRole, ClusterRole, ClusterRole | undefined]>([
    ["as they should be", wantedRole, wantedRole, undefined],
    ["with more than they should", { ...wantedRole, rules: [rule("*")] }, wantedRole, undefined],
    [
      "with less than they should: whole rules come back, others stay",
      { ...wantedRole, rules: [rule("list"), rule("patch"), rule("watch")] },
      wantedRole,
      { ...wantedRole, rules: [rule("list"), rule("patch"), rule("watch"), rule("get", "list")] },
    ],
    ["with less, by a user's wish", { ...wantedRole, metadata: leftAlone, rules: [] }, wantedRole, undefined],
    [
      "without their labels, and with others",
      { ...wantedRole, metadata: { ...metadata, labels: { c: "d" } } },
      wantedRole,
      { ...wantedRole, metadata: { ...metadata, labels: { a: "b", c: "d" } } },
    ],
    ["whose rules come from others", { ...aggregated, rules: [rule("get")] }, aggregated, undefined],
    [
      "that no longer gather what they should",
      { ...aggregated, aggregationRule: { clusterRoleSelectors: [selector("y")] } },
      aggregated,
      { ...aggregated, aggregationRule: { clusterRoleSelectors: [selector("y"), selector("x")] } },
    ],
  ])("%s", (_sentence, stored, wanted, expected) => {
    expect(reconcileRole(stored, wanted)).toEqual(expected ? { kind: "update", object: expected } : { kind: "keep" });
  });
});

describe("bindings that every cluster has", () => {
  it.each<[string, ClusterRoleBinding, unknown]>([
    ["as they should be", wantedBinding, { kind: "keep" }],
    ["with more subjects", { ...wantedBinding, subjects: [group("two"), group("x"), group("one")] }, { kind: "keep" }],
    [
      "with fewer subjects",
      { ...wantedBinding, subjects: [group("x"), group("two")] },
      { kind: "update", object: { ...wantedBinding, subjects: [group("x"), group("two"), group("one")] } },
    ],
    ["with fewer, by a user's wish", { ...wantedBinding, metadata: leftAlone, subjects: [] }, { kind: "keep" }],
    ["of another role", { ...wantedBinding, roleRef: { ...roleRef, name: "x" } }, { kind: "replace" }],
  ])("%s", (_sentence, stored, expected) => {
    expect(reconcileBinding(stored, wantedBinding)).toEqual(expected);
  });
});
