import { describe, expect, it } from "vitest";
import { decodeObject } from "../../decode/decode-object.ts";
import type { ResourceDefinition } from "../../resource-definition.ts";
import { toTable } from "../../table/to-table.ts";
import { printFieldError } from "../../validation/field-error.ts";
import { clusterRoles, roles } from "../role/resource.ts";
import { clusterRoleBindings, roleBindings } from "./resource.ts";

type Row = ResourceDefinition;
const rows: Record<string, Row> = {
  Role: roles as unknown as Row,
  ClusterRole: clusterRoles as unknown as Row,
  RoleBinding: roleBindings as unknown as Row,
  ClusterRoleBinding: clusterRoleBindings as unknown as Row,
};

function make(kind: string, content: object, metadata: object = {}) {
  const row = rows[kind];
  if (!row) throw new Error(`no row ${kind}`);
  const namespace = row.namespaced ? { namespace: "a" } : {};
  const json = { apiVersion: "rbac.authorization.k8s.io/v1", kind, metadata: { name: "x", ...namespace, ...metadata } };
  return { row, object: row.defaults(decodeObject(row, { ...json, ...content }, "Strict").object) };
}

function problems(kind: string, content: object, metadata: object = {}): string[] {
  const { row, object } = make(kind, content, metadata);
  return row.validate(object).map(printFieldError);
}

const rule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const roleRef = { kind: "ClusterRole", name: "view" };
const jane = { kind: "User", name: "jane" };

const cases: Record<string, [string, object, string[]]> = {
  "a cluster role of all others": ["ClusterRole", { rules: [], aggregationRule: { clusterRoleSelectors: [{}] } }, []],
  "a good role": ["Role", { rules: [rule] }, []],
  "a role without rules": ["Role", {}, []],
  "a rule without verbs": [
    "Role",
    { rules: [{ ...rule, verbs: [] }] },
    ["rules[0].verbs: Required value: verbs must contain at least one value"],
  ],
  "a rule that names nothing": [
    "ClusterRole",
    { rules: [rule, { verbs: ["get"] }] },
    [
      "rules[1].apiGroups: Required value: resource rules must supply at least one api group",
      "rules[1].resources: Required value: resource rules must supply at least one resource",
    ],
  ],
  "paths in a namespace": [
    "Role",
    { rules: [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }] },
    [
      'rules[0].nonResourceURLs: Invalid value: []string{"/metrics"}: namespaced rules cannot apply to non-resource URLs',
    ],
  ],
  "paths in a cluster role": ["ClusterRole", { rules: [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }] }, []],
  "paths and resources in one rule": [
    "ClusterRole",
    { rules: [{ ...rule, nonResourceURLs: ["/metrics"] }] },
    [
      'rules[0].nonResourceURLs: Invalid value: []string{"/metrics"}: rules cannot apply to both regular resources and non-resource URLs',
    ],
  ],
  "an aggregation of nothing": [
    "ClusterRole",
    { aggregationRule: {} },
    [
      "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil",
    ],
  ],
  "an aggregation": ["ClusterRole", { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] } }, []],
  "a binding of a user, defaulted": ["RoleBinding", { roleRef, subjects: [jane] }, []],
  "a binding of a role in the cluster": [
    "ClusterRoleBinding",
    { roleRef: { kind: "Role", name: "r" } },
    ['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  ],
  "a binding of nothing": ["RoleBinding", { roleRef: { kind: "Role" } }, ["roleRef.name: Required value"]],
  "a binding of what no path can name": [
    "RoleBinding",
    { roleRef: { kind: "Role", name: "a/b" } },
    [`roleRef.name: Invalid value: "a/b": may not contain '/'`],
  ],
  "a binding of another group's role": [
    "RoleBinding",
    { roleRef: { ...roleRef, apiGroup: "apps" } },
    ['roleRef.apiGroup: Unsupported value: "apps": supported values: "rbac.authorization.k8s.io"'],
  ],
  "a service account of no namespace, cluster-wide": [
    "ClusterRoleBinding",
    { roleRef, subjects: [{ kind: "ServiceAccount", name: "default" }] },
    ["subjects[0].namespace: Required value"],
  ],
  "a service account of no namespace, in one": [
    "RoleBinding",
    { roleRef, subjects: [{ kind: "ServiceAccount", name: "default" }] },
    [],
  ],
  "a group without a name": [
    "RoleBinding",
    { roleRef, subjects: [{ kind: "Group", name: "" }] },
    ["subjects[0].name: Required value", 'subjects[0].name: Invalid value: "": group name cannot be empty'],
  ],
  "a subject of an unknown kind": [
    "RoleBinding",
    { roleRef, subjects: [{ kind: "Robot", name: "r2" }] },
    ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'],
  ],
};

describe("RBAC kinds", () => {
  it.each(Object.entries(cases))("%s", (_name, [kind, content, expected]) => {
    expect(problems(kind, content)).toEqual(expected);
  });

  it("a role may be called what a path can say", () => {
    expect(problems("ClusterRole", {}, { name: "system:node" })).toEqual([]);
    expect(problems("ClusterRole", {}, { name: "a%b" })).toEqual([
      `metadata.name: Invalid value: "a%b": may not contain '%'`,
    ]);
  });

  it("a binding keeps its role", () => {
    const { row, object } = make("RoleBinding", { roleRef });
    const next = make("RoleBinding", { roleRef: { ...roleRef, name: "edit" } }).object;
    expect(row.validateUpdate(next, object).map(printFieldError)).toEqual([
      'roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}: cannot change roleRef',
    ]);
  });

  it("are printed as kubectl knows them", () => {
    const now = Date.parse("2026-01-01T01:00:00Z");
    const subjects = [
      jane,
      { kind: "User", name: "joe" },
      { kind: "Group", name: "people" },
      { kind: "ServiceAccount", namespace: "a", name: "default" },
    ];
    const at = { creationTimestamp: "2026-01-01T00:00:00Z" };
    const cells = (kind: string, content: object) => {
      const { row, object } = make(kind, content, at);
      return toTable(row, [object], { includeObject: "None", now }).rows[0]?.cells;
    };
    expect(cells("RoleBinding", { roleRef, subjects })).toEqual([
      "x",
      "ClusterRole/view",
      "60m",
      "jane, joe",
      "people",
      "a/default",
    ]);
    expect(cells("Role", {})).toEqual(["x", "2026-01-01T00:00:00Z"]);
  });
});
